/** Charts: the Deployment, which rolls without a moment in which nobody answers. */
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { podTemplate } from './pod.ts';
import { metadata, type Settings } from './settings.ts';

/** How long a pod must be ready before an old one may go, in seconds: kube-proxy learns of it a little later. */
const minReadySeconds = 5;

/** The webhook's pods, and how they are replaced. */
export class WebhookDeployment extends k8s.KubeDeployment {
  constructor(scope: Construct, id: string, settings: Settings) {
    const { props, selector, replicas } = settings;
    super(scope, id, {
      metadata: metadata(settings),
      spec: {
        ...(!props.autoscaling && { replicas }),
        minReadySeconds,
        revisionHistoryLimit: 3,
        selector: { matchLabels: selector },
        strategy: { type: 'RollingUpdate', rollingUpdate: rollingUpdate(props.hostNetwork) },
        template: podTemplate(settings),
      },
    });
  }
}

/** Returns the new pod first, even on one node; but where pods have their node's ports, the old one must make room. */
function rollingUpdate(hostNetwork = false): k8s.RollingUpdateDeployment {
  const { fromNumber } = k8s.IntOrString;
  return { maxSurge: fromNumber(hostNetwork ? 0 : 1), maxUnavailable: fromNumber(hostNetwork ? 1 : 0) };
}
