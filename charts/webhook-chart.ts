/** Charts: the webhook as a manifest of its own, with its namespace. */
import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { renderFault } from '../contract/flag-fault.ts';
import { fallbacks } from '../contract/flags.ts';
import { checkWebhookProps } from './faults.ts';
import { given } from './given.ts';
import { PodIdentityWebhook } from './webhook.ts';
import type { PodIdentityWebhookProps } from './webhook-props.ts';

/** Namespaces that are the cluster's: they must not get a Pod Security label, nor be deleted with the webhook. */
const systemNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/**
 * A chart of the webhook and its namespace, in the order in which they are applied. The namespace is the webhook's: in one
 * of the cluster's, put a PodIdentityWebhook into a Chart of your own.
 */
export class PodIdentityWebhookChart extends Chart {
  readonly namespaceObject: k8s.KubeNamespace;
  readonly webhook: PodIdentityWebhook;

  constructor(scope: Construct, id: string, props: PodIdentityWebhookProps) {
    const { soundProps } = checkWebhookProps(props, fallbacks.namespace);
    const { namespace = fallbacks.namespace, labels, annotations } = soundProps;
    // without a namespace: cdk8s would write it on what is in none, too
    super(scope, id, { disableResourceNameHashes: true });
    this.namespaceObject = new k8s.KubeNamespace(this, 'namespace', {
      metadata: {
        ...given({ name: namespace, labels: { ...labels, ...podSecurity(soundProps) }, annotations }),
        namespace: undefined as unknown as string,
      },
    });
    this.node.addValidation({ validate: () => namespaceFaults(namespace) });
    this.webhook = new PodIdentityWebhook(this, 'webhook', props);
    this.webhook.node.addDependency(this.namespaceObject);
  }
}

function namespaceFaults(namespace: string): string[] {
  if (!systemNamespaces.includes(namespace)) return [];
  const rule = "is a namespace of the cluster, and this chart's would get a Pod Security label and be deleted with it";
  const remedy = 'give another, or put the construct PodIdentityWebhook into a Chart of your own';
  return [renderFault({ flag: 'namespace', received: namespace, rule, remedy })];
}

/** @see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
function podSecurity({ hostNetwork, volumes }: PodIdentityWebhookProps): Record<string, string> {
  const isPrivileged = hostNetwork || volumes?.some(({ hostPath }) => hostPath);
  return { 'pod-security.kubernetes.io/enforce': isPrivileged ? 'privileged' : 'restricted' };
}
