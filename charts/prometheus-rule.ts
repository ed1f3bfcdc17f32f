/** Charts: what an operator should be told of. The metrics are those of server/io/metrics.ts. */
import type { Construct } from 'constructs';
import { PrometheusRule, type PrometheusRuleSpecGroupsRules } from '../imports/monitoring.coreos.com.ts';
import { metadata, type Settings } from './settings.ts';
import type { MonitorOptions } from './webhook-props.ts';

interface Alert {
  readonly severity: 'critical' | 'warning';
  readonly expr: string;
  readonly for: string;
  /** What happened and what follows from it. */
  readonly summary: string;
}

/** Failing open is silent: pods run with their node's role. So most of these say that pods may lack their identity. */
const alerts: Readonly<Record<string, Alert>> = {
  PodIdentityWebhookDown: {
    severity: 'critical',
    expr: 'absent(pod_identity_webhook_build_info)',
    for: '5m',
    summary: 'No pod identity webhook is scraped: new pods get no identity, or are refused, as its failurePolicy says.',
  },
  PodIdentityWebhookCertificateEnds: {
    severity: 'critical',
    expr: '0 < pod_identity_webhook_certificate_expiry_timestamp_seconds - time() < 7 * 24 * 3600',
    for: '15m',
    summary: 'The serving certificate of {{ $labels.pod }} ends within a week and was not renewed.',
  },
  PodIdentityWebhookCacheStale: {
    severity: 'warning',
    expr: 'pod_identity_webhook_cache_age_seconds > 600',
    for: '5m',
    summary: '{{ $labels.pod }} has not heard of {{ $labels.resource }} for ten minutes: changed roles go unseen.',
  },
  PodIdentityWebhookAccountsMissing: {
    severity: 'warning',
    expr: 'increase(pod_identity_webhook_missing_sa_count[10m]) > 0',
    for: '10m',
    summary: 'Pods were admitted before their service account could be found: they may lack their identity.',
  },
  PodIdentityWebhookFaults: {
    severity: 'warning',
    expr: 'increase(pod_identity_webhook_faults_total[10m]) > 0',
    for: '10m',
    summary: '{{ $labels.pod }} survives faults of code {{ $labels.code }}: see docs/faults.md and its log.',
  },
};

/** The PrometheusRule with the webhook's alerts. */
export class WebhookAlerts extends PrometheusRule {
  constructor(scope: Construct, id: string, settings: Settings & { readonly options: MonitorOptions }) {
    const { options, config } = settings;
    const { labels, ...rest } = metadata(settings);
    super(scope, id, {
      metadata: { ...rest, labels: { ...options.labels, ...labels } },
      spec: { groups: [{ name: config.serviceName, rules: Object.entries(alerts).map(rule) }] },
    });
  }
}

function rule([alert, { severity, summary, ...rest }]: readonly [string, Alert]): PrometheusRuleSpecGroupsRules {
  return { alert, ...rest, labels: { severity }, annotations: { summary } };
}
