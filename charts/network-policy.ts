/** Charts: who may reach the webhook, and whom it may reach. */
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { portNames } from './labels.ts';
import { metadata, type Settings } from './settings.ts';
import type { NetworkPolicyOptions } from './webhook-props.ts';

/** Where API servers listen: as the Service `kubernetes`, and behind it. They are found by address, without DNS. */
const defaultApiServerPorts = [443, 6443];
/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
const instanceMetadata = { ports: [tcp(80)], to: [{ ipBlock: { cidr: '169.254.169.254/32' } }] };

/** The NetworkPolicy of the webhook's pods. Probes come from the node, which policies do not bind. */
export class WebhookNetworkPolicy extends k8s.KubeNetworkPolicy {
  constructor(scope: Construct, id: string, settings: Settings & { readonly options: NetworkPolicyOptions }) {
    const { options, config } = settings;
    const apiServer = options.apiServerCidrs?.map((cidr) => ({ ipBlock: { cidr } }));
    const scrapers = [{ namespaceSelector: options.scraperNamespaces ?? {} }];
    const reviews = { ports: [{ port: k8s.IntOrString.fromString(portNames.reviews) }] };
    // where metrics have no port of their own, reviews and they share one
    const metricsPort = config.metricsPort === 0 ? portNames.reviews : portNames.metrics;
    const metrics = { ports: [{ port: k8s.IntOrString.fromString(metricsPort) }], from: scrapers };
    const toApiServer = { ports: apiServerPorts(settings), ...(apiServer && { to: apiServer }) };
    super(scope, id, {
      metadata: metadata(settings),
      spec: {
        podSelector: { matchLabels: settings.selector },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ ...reviews, ...(apiServer && { from: apiServer }) }, metrics],
        egress: [toApiServer, ...(asksInstance(config) ? [instanceMetadata] : []), ...(options.egress ?? [])],
      },
    });
  }
}

function apiServerPorts({ options, config }: Settings & { readonly options: NetworkPolicyOptions }) {
  const ports = options.apiServerPorts ?? defaultApiServerPorts;
  return [...new Set([...ports, ...portOf(config.kubeApi)])].map(tcp);
}

/** Returns the port of a URL, if there is one: it may be the default of its scheme. */
function portOf(url: string): readonly number[] {
  if (!URL.canParse(url)) return [];
  const { port, protocol } = new URL(url);
  return [Number(port) || (protocol === 'http:' ? 80 : 443)];
}

/** Roles are composed with the account of the instance where none is given. */
function asksInstance({ composeRoleArn, roleArnAccountId }: Settings['config']): boolean {
  return composeRoleArn && roleArnAccountId === '';
}

function tcp(port: number): k8s.NetworkPolicyPort {
  return { protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) };
}
