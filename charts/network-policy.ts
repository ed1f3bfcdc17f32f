/** Charts: who may reach the webhook, and whom it may reach. */
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { portNames } from './labels.ts';
import { metadata, type Settings } from './settings.ts';
import type { NetworkPolicyOptions } from './webhook-props.ts';

/** Where API servers listen: as the Service `kubernetes`, and behind it. They are found by address, without DNS. */
const apiServerPorts = [443, 6443].map((port) => ({ protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) }));

/** The NetworkPolicy of the webhook's pods. Probes come from the node, which policies do not bind. */
export class WebhookNetworkPolicy extends k8s.KubeNetworkPolicy {
  constructor(scope: Construct, id: string, settings: Settings & { readonly options: NetworkPolicyOptions }) {
    const { options, config } = settings;
    const apiServer = options.apiServerCidrs?.map((cidr) => ({ ipBlock: { cidr } }));
    const scrapers = [{ namespaceSelector: options.scraperNamespaces ?? {} }];
    const reviews = { ports: [{ port: k8s.IntOrString.fromString(portNames.reviews) }] };
    const metrics = { ports: [{ port: k8s.IntOrString.fromString(portNames.metrics) }], from: scrapers };
    const toApiServer = { ports: apiServerPorts, ...(apiServer && { to: apiServer }) };
    super(scope, id, {
      metadata: metadata(settings),
      spec: {
        podSelector: { matchLabels: settings.selector },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          { ...reviews, ...(apiServer && { from: apiServer }) },
          ...(config.metricsPort === 0 ? [] : [metrics]),
        ],
        egress: [toApiServer, ...(options.egress ?? [])],
      },
    });
  }
}
