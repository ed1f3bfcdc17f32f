/** Charts: the webhook as a manifest of its own, with its namespace. */
import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { fallbacks } from '../contract/flags.ts';
import { checkWebhookProps } from './faults.ts';
import { PodIdentityWebhook } from './webhook.ts';
import type { PodIdentityWebhookProps } from './webhook-props.ts';

/** A chart of the webhook and its namespace, in the order in which they are applied. */
export class PodIdentityWebhookChart extends Chart {
  readonly namespaceObject: k8s.KubeNamespace;
  readonly webhook: PodIdentityWebhook;

  constructor(scope: Construct, id: string, props: PodIdentityWebhookProps) {
    const { soundProps } = checkWebhookProps(props, fallbacks.namespace);
    const { namespace = fallbacks.namespace, labels } = soundProps;
    // without a namespace: cdk8s would write it on what is in none, too
    super(scope, id, { disableResourceNameHashes: true });
    this.namespaceObject = new k8s.KubeNamespace(this, 'namespace', {
      metadata: {
        name: namespace,
        namespace: undefined as unknown as string,
        labels: { ...labels, ...podSecurity(soundProps) },
      },
    });
    this.webhook = new PodIdentityWebhook(this, 'webhook', props);
    this.webhook.node.addDependency(this.namespaceObject);
  }
}

/** @see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
function podSecurity({ hostNetwork, volumes }: PodIdentityWebhookProps): Record<string, string> {
  const isPrivileged = hostNetwork || volumes?.some(({ hostPath }) => hostPath);
  return { 'pod-security.kubernetes.io/enforce': isPrivileged ? 'privileged' : 'restricted' };
}
