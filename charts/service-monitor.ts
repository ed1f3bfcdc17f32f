/** Charts: what Prometheus scrapes of the webhook. */
import type { Construct } from 'constructs';
import { routes } from '../contract/routes.ts';
import { ServiceMonitor, type ServiceMonitorSpecEndpoints } from '../imports/monitoring.coreos.com.ts';
import { given } from './given.ts';
import { portNames } from './labels.ts';
import { metadata, type Settings } from './settings.ts';
import type { ServiceMonitorOptions } from './webhook-props.ts';

/** The ServiceMonitor of the webhook's Service: plain HTTP, or the port of reviews where there is no other. */
export class WebhookServiceMonitor extends ServiceMonitor {
  constructor(scope: Construct, id: string, settings: Settings & { readonly options: ServiceMonitorOptions }) {
    const { options, selector } = settings;
    const { labels, ...rest } = metadata(settings);
    super(scope, id, {
      metadata: { ...rest, labels: { ...labels, ...options.labels, ...selector } },
      spec: { selector: { matchLabels: selector }, endpoints: [endpoint(settings)] },
    });
  }
}

function endpoint({ config, options }: Settings & { readonly options: ServiceMonitorOptions }) {
  const tls = { port: portNames.reviews, scheme: 'https', tlsConfig: { insecureSkipVerify: true } };
  const plain = { port: portNames.metrics };
  const endpoint: ServiceMonitorSpecEndpoints = config.metricsPort === 0 ? tls : plain;
  return given({ ...endpoint, path: routes.metrics, interval: options.interval });
}
