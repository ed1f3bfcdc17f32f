/** Judges how far a Deployment is, by its status and its pods. Asks nobody. */
import type { KubeObject } from './kubectl.ts';

/** The parts of a Deployment that say how far it is. */
export interface RollingDeployment extends KubeObject {
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

/** The parts of a pod that say what it waits for. */
export interface RollingPod extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly ready: boolean;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
  readonly lastState?: { readonly terminated?: { readonly message?: string; readonly exitCode?: number } };
}

/** How far a Deployment is. */
export interface Progress {
  readonly isReady: boolean;
  /** One line: how many pods are ready, and what the others wait for. */
  readonly line: string;
  /** What will not get better by waiting: an image that cannot be had. */
  readonly obstacle?: string;
}

/** What the kubelet says of an image that it cannot have; ErrImagePull alone may be a moment's trouble. */
const imageReasons = ['ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'];

/** Returns how far it is. Pods of an older version count as long as they are there. */
export function judgeRollout(deployment: RollingDeployment, pods: readonly RollingPod[]): Progress {
  const { metadata, spec, status = {} } = deployment;
  const { replicas: wanted = 1 } = spec;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const isSeen = observedGeneration >= (metadata.generation ?? 0);
  const isReady = isSeen && [replicas, updatedReplicas, availableReplicas].every((count) => count === wanted);
  const waits = [...new Set(pods.flatMap((pod) => tryDescribeWait(pod) ?? []))];
  const count = `${Math.min(isSeen ? updatedReplicas : 0, availableReplicas)} of ${wanted} pods ready`;
  const obstacle = pods.flatMap(({ status }) => status?.containerStatuses ?? []).find(hasNoImage)?.state?.waiting;
  return {
    isReady,
    line: [count, ...(isReady ? [] : waits)].join('; '),
    ...(obstacle && { obstacle: `${obstacle.reason}: ${obstacle.message ?? 'the kubelet says no more'}` }),
  };
}

/** Returns what a pod that is not ready waits for, undefined when it is ready. */
export function tryDescribeWait({ metadata, status }: RollingPod): string | undefined {
  if (status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) return undefined;
  const container = status?.containerStatuses?.find(({ ready }) => !ready);
  const { reason, message } = container?.state?.waiting ?? {};
  const last = container?.lastState?.terminated?.message?.trim();
  const scheduled = status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const why = [reason, last ?? message, scheduled?.message].filter(Boolean).join(': ');
  return `${metadata.name} ${why || (container ? 'is not ready yet' : (status?.phase ?? 'is new').toLowerCase())}`;
}

function hasNoImage({ state }: ContainerStatus): boolean {
  return imageReasons.includes(state?.waiting?.reason ?? '');
}
