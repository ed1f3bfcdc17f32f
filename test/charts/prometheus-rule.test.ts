import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PrometheusRuleSpec } from '../../imports/monitoring.coreos.com.ts';
import { createMetrics } from '../../server/io/metrics.ts';
import { find, renderChart } from '../support/charts.ts';
import { FakeClock } from '../support/fake-clock.ts';

const rule = find<{ spec: PrometheusRuleSpec }>(
  renderChart({ prometheusRule: { labels: { a: 'b' } } }),
  'PrometheusRule',
);

test('every metric that an alert is about is one that the server has', async () => {
  const usage = { residentBytes: () => 1, cpuSeconds: () => 1 };
  const text = await createMetrics({ clock: new FakeClock(), version: '1', usage }).render();
  const rules = rule.spec.groups?.flatMap(({ rules = [] }) => rules) ?? [];
  const names = rules.flatMap(({ expr }) => expr.match(/pod_identity_webhook_\w+/g) ?? []);
  assert.ok(names.length >= rules.length && rules.length > 0);
  for (const name of names) assert.match(text, new RegExp(`^# TYPE ${name} `, 'm'));
});

test('a Prometheus finds it by its labels', () => {
  assert.equal(rule.metadata.labels?.a, 'b');
});
