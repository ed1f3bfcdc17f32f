/** Charts: how many webhook pods a drain may take at a time. */
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { metadata, type Settings } from './settings.ts';

/** One at a time, also where there is only one; a broken pod does not hold up a drain. */
export class WebhookDisruptionBudget extends k8s.KubePodDisruptionBudget {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, {
      metadata: metadata(settings),
      spec: {
        maxUnavailable: k8s.IntOrString.fromNumber(1),
        selector: { matchLabels: settings.selector },
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    });
  }
}
