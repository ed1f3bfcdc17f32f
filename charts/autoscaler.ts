/** Charts: as many webhook pods as the load asks for. */
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { metadata, type Settings } from './settings.ts';
import type { AutoscalingOptions } from './webhook-props.ts';

const defaultCpuPercent = 80;

/** The HorizontalPodAutoscaler of the Deployment. */
export class WebhookAutoscaler extends k8s.KubeHorizontalPodAutoscalerV2 {
  constructor(scope: Construct, id: string, settings: Settings & { readonly options: AutoscalingOptions }) {
    const { minReplicas = settings.replicas, maxReplicas, cpuPercent = defaultCpuPercent } = settings.options;
    const target = { type: 'Utilization', averageUtilization: cpuPercent };
    super(scope, id, {
      metadata: metadata(settings),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: settings.config.serviceName },
        minReplicas,
        maxReplicas,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
      },
    });
  }
}
