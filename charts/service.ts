/** Charts: the Service by which the API server finds the webhook. */
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { portNames } from './labels.ts';
import { metadata, type Settings } from './settings.ts';

/** The Service's port for reviews: what a registration that names none means. */
export const servicePort = 443;

/** The Service in front of the webhook. */
export class WebhookService extends k8s.KubeService {
  constructor(scope: Construct, id: string, settings: Settings) {
    const { metricsPort } = settings.config;
    super(scope, id, {
      metadata: metadata(settings),
      spec: {
        selector: settings.selector,
        ports: [
          port(portNames.reviews, servicePort),
          ...(metricsPort === 0 ? [] : [port(portNames.metrics, metricsPort)]),
        ],
      },
    });
  }
}

function port(name: string, number: number): k8s.ServicePort {
  return { name, port: number, targetPort: k8s.IntOrString.fromString(name), protocol: 'TCP' };
}
