/** Charts: what an operator should be told of. The metrics are those of server/io/metrics.ts. */
import type { Construct } from 'constructs';
import type { DurationValue } from '../contract/flag-types.ts';
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

const decisions = 'pod_identity_webhook_decisions_total';
const byReason = 'by (namespace, pod, reason)';
const weekSeconds = 7 * 24 * 3600;
const expiry = 'pod_identity_webhook_certificate_expiry_timestamp_seconds';

/** Failing open is silent: pods run with their node's role. So most of these say that pods may lack their identity. */
const alerts: Readonly<Record<string, (settings: Settings) => Alert>> = {
  PodIdentityWebhookDown: () => ({
    severity: 'critical',
    expr: 'absent(pod_identity_webhook_ready == 1)',
    for: '5m',
    summary: 'No replica is ready, or none is scraped: new pods get no identity, or are refused, by its failurePolicy.',
  }),
  PodIdentityWebhookUnready: () => ({
    severity: 'warning',
    expr: 'pod_identity_webhook_ready == 0',
    for: '15m',
    summary: '{{ $labels.pod }} is not ready: /readyz and its log say why.',
  }),
  PodIdentityWebhookPodsWithoutIdentity: () => ({
    severity: 'warning',
    expr: `sum ${byReason} (increase(${decisions}{reason=~"ACCOUNT_MISSING|POD_MALFORMED"}[15m])) > 0`,
    for: '0m',
    summary: '{{ $labels.pod }} admitted pods that may lack their identity, with reason {{ $labels.reason }}.',
  }),
  PodIdentityWebhookLookupsFail: () => ({
    severity: 'warning',
    expr: `sum ${byReason} (increase(${decisions}{reason=~"LOOKUP_TIMED_OUT|LOOKUP_UNAVAILABLE"}[15m])) > 0`,
    for: '0m',
    summary: '{{ $labels.pod }} admitted pods whose service account it could not read: {{ $labels.reason }}.',
  }),
  PodIdentityWebhookReviewsRefused: () => ({
    severity: 'warning',
    expr: `sum ${byReason} (increase(${decisions}{outcome=~"refused|failed"}[15m])) > 0`,
    for: '0m',
    summary: '{{ $labels.pod }} could not answer reviews: {{ $labels.reason }}. docs/faults.md and its log say more.',
  }),
  PodIdentityWebhookCertificateEnds: ({ config, mode }) => ({
    severity: 'critical',
    expr: `${expiry} > 0 and ${expiry} - time() < ${mode === 'own-ca' ? lateSeconds(config.leafDuration) : weekSeconds}`,
    for: '5m',
    summary: 'The serving certificate of {{ $labels.pod }} ends soon, or has ended, and was not renewed.',
  }),
  PodIdentityWebhookCacheStale: () => ({
    severity: 'warning',
    expr: 'pod_identity_webhook_cache_age_seconds > 600',
    for: '5m',
    summary: '{{ $labels.pod }} has not heard of {{ $labels.resource }} for ten minutes: changed roles go unseen.',
  }),
  PodIdentityWebhookFaults: () => ({
    severity: 'warning',
    expr: 'increase(pod_identity_webhook_faults_total[10m]) > 0',
    for: '10m',
    summary: '{{ $labels.pod }} survives faults of code {{ $labels.code }}: see docs/faults.md and its log.',
  }),
};

/** Renewal is due when a third of the lifetime is left; half of that later it is late, or a week before the end. */
function lateSeconds(lifetime: DurationValue): number {
  return Math.min(weekSeconds, Math.floor(lifetime.toMilliseconds() / 6000));
}

/** The PrometheusRule with the webhook's alerts. */
export class WebhookAlerts extends PrometheusRule {
  constructor(scope: Construct, id: string, settings: Settings & { readonly options: MonitorOptions }) {
    const { options, config, selector } = settings;
    const { labels, ...rest } = metadata(settings);
    super(scope, id, {
      metadata: { ...rest, labels: { ...labels, ...options.labels, ...selector } },
      spec: {
        groups: [
          {
            name: config.serviceName,
            rules: Object.entries(alerts).map(([name, alert]) => rule(name, alert(settings))),
          },
        ],
      },
    });
  }
}

function rule(alert: string, { severity, summary, ...rest }: Alert): PrometheusRuleSpecGroupsRules {
  return { alert, ...rest, labels: { severity }, annotations: { summary } };
}
