import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Duration } from 'cdk8s';
import { Certificates, type PodIdentityWebhookProps } from '../../charts/index.ts';
import type { PrometheusRuleSpec } from '../../imports/monitoring.coreos.com.ts';
import { reasons, requestFaults } from '../../server/core/faults.ts';
import { find, renderChart } from '../support/charts.ts';
import { readExposedMetrics, strangersIn } from '../support/exposed-metrics.ts';
import { somePem } from '../support/prop-combinations.ts';

const ruleOf = (props: Partial<PodIdentityWebhookProps> = {}) =>
  find<{ spec: PrometheusRuleSpec }>(
    renderChart({ prometheusRule: { labels: { a: 'b' } }, ...props }),
    'PrometheusRule',
  );
const alertsOf = (props?: Partial<PodIdentityWebhookProps>) =>
  ruleOf(props).spec.groups?.flatMap(({ rules = [] }) => rules) ?? [];
const alerts = alertsOf();

test('every metric that an alert is about is one that the server has', async () => {
  const series = await readExposedMetrics();
  assert.ok(alerts.length > 0);
  for (const { alert, expr } of alerts) assert.deepEqual(strangersIn(String(expr), series), [], String(alert));
});

test('there is an alert for everything that lets pods go without their identity', () => {
  const exprs = alerts.map(({ expr }) => expr).join('\n');
  for (const part of ['ACCOUNT_MISSING', 'LOOKUP_TIMED_OUT', 'LOOKUP_UNAVAILABLE', 'refused|failed']) {
    assert.ok(exprs.includes(part), part);
  }
  for (const metric of ['ready == 1', 'cache_age_seconds', 'certificate_expiry', 'faults_total']) {
    assert.ok(exprs.includes(`pod_identity_webhook_${metric}`), metric);
  }
});

test('the reasons that alerts name are reasons', () => {
  const known: readonly string[] = [...Object.keys(reasons), ...Object.keys(requestFaults)];
  const named = alerts.flatMap(({ expr }) => /reason=~"([^"]*)"/.exec(String(expr))?.[1]?.split('|') ?? []);
  assert.ok(named.length > 0);
  assert.deepEqual(
    named.filter((reason) => !known.includes(reason)),
    [],
  );
});

test('a certificate is late when half of the time for its renewal is over, a week before its end at the earliest', () => {
  const lateOf = (certificates?: Certificates) => {
    const { expr } = alertsOf(certificates && { certificates }).find(({ alert }) => alert?.endsWith('Ends')) ?? {};
    return Number(/< (\d+)$/.exec(String(expr))?.[1]);
  };
  assert.equal(lateOf(), 7 * 24 * 3600);
  assert.equal(lateOf(Certificates.ownCa({ leafDuration: Duration.hours(6) })), 3600);
  assert.equal(lateOf(Certificates.secret({ name: 'tls', caBundle: somePem })), 7 * 24 * 3600);
});

test('a Prometheus finds it by its labels', () => {
  assert.equal(ruleOf().metadata.labels?.a, 'b');
});
