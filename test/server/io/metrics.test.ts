import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics, type PrometheusMetrics } from '../../../server/io/metrics.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** Returns the exposed lines whose name begins so, without comments. */
async function exposed(metrics: PrometheusMetrics, prefix: string): Promise<readonly string[]> {
  return (await metrics.render()).split('\n').filter((line) => line.startsWith(prefix));
}

const usage = { residentBytes: () => process.memoryUsage.rss(), cpuSeconds: () => process.cpuUsage().user / 1e6 };
const newMetrics = (clock = new FakeClock()) => createMetrics({ clock, version: '1.2.3', usage });

test('counts a mutated pod under the names of the Go webhook and under outcome and reason', async () => {
  const metrics = newMetrics();
  metrics.decided({ outcome: 'mutated', reason: 'role-arn', method: 'web-identity' });
  metrics.decided({ outcome: 'unchanged', reason: 'no-identity', method: 'none' });
  assert.deepEqual(await exposed(metrics, 'pod_identity_webhook_used'), ['pod_identity_webhook_used 1']);
  assert.deepEqual(await exposed(metrics, 'pod_identity_webhook_pod_count'), [
    'pod_identity_webhook_pod_count{method="web-identity"} 1',
  ]);
  const decisions = await exposed(metrics, 'pod_identity_webhook_decisions_total');
  assert.deepEqual(
    decisions.filter((line) => !line.endsWith(' 0')),
    [
      'pod_identity_webhook_decisions_total{outcome="mutated",reason="role-arn"} 1',
      'pod_identity_webhook_decisions_total{outcome="unchanged",reason="no-identity"} 1',
    ],
  );
});

test('counts an account as missing unless its lookup found it', async () => {
  const metrics = newMetrics();
  for (const outcome of ['cached', 'live', 'missing', 'timed-out', 'unavailable']) metrics.looked(outcome, 0.002);
  assert.deepEqual(await exposed(metrics, 'pod_identity_webhook_missing_sa_count'), [
    'pod_identity_webhook_missing_sa_count 3',
  ]);
  const counts = await exposed(metrics, 'pod_identity_webhook_lookup_duration_seconds_count');
  assert.ok(counts.includes('pod_identity_webhook_lookup_duration_seconds_count{outcome="timed-out"} 1'));
});

test('tells the age of each cache by the clock at the time of the scrape, never below zero', async () => {
  const clock = new FakeClock();
  const metrics = newMetrics(clock);
  metrics.cached('serviceaccounts', 7, clock.nowMs());
  metrics.cached('configmaps', 1, clock.nowMs() + 60_000);
  await clock.advance(2500);
  assert.deepEqual(await exposed(metrics, 'pod_identity_webhook_cache_'), [
    'pod_identity_webhook_cache_objects{resource="serviceaccounts"} 7',
    'pod_identity_webhook_cache_objects{resource="configmaps"} 1',
    'pod_identity_webhook_cache_age_seconds{resource="serviceaccounts"} 2.5',
    'pod_identity_webhook_cache_age_seconds{resource="configmaps"} 0',
  ]);
});

test('tells the end of the certificate, events of the watch, faults and the build', async () => {
  const metrics = newMetrics();
  metrics.certificate(1_800_000_000_500);
  metrics.watched('serviceaccounts', 'relist');
  metrics.survived('certificate-unreadable');
  const text = await metrics.render();
  for (const line of [
    'pod_identity_webhook_certificate_expiry_timestamp_seconds 1800000000.5',
    'pod_identity_webhook_watch_events_total{resource="serviceaccounts",event="relist"} 1',
    'pod_identity_webhook_faults_total{code="certificate-unreadable"} 1',
    'pod_identity_webhook_build_info{version="1.2.3"} 1',
  ]) {
    assert.ok(text.includes(`${line}\n`), line);
  }
});

test('shows what alerts are about as 0 before it happens, so that its first time is an increase', async () => {
  const decisions = await exposed(newMetrics(), 'pod_identity_webhook_decisions_total');
  assert.ok(decisions.includes('pod_identity_webhook_decisions_total{outcome="unchanged",reason="ACCOUNT_MISSING"} 0'));
  assert.ok(decisions.includes('pod_identity_webhook_decisions_total{outcome="failed",reason="INTERNAL"} 0'));
});

test('tells at each scrape whether all is well that makes the webhook ready', async () => {
  const metrics = newMetrics();
  let problem: string | undefined = 'no certificate';
  metrics.ready([() => undefined, () => problem]);
  assert.deepEqual(await exposed(metrics, 'pod_identity_webhook_ready'), ['pod_identity_webhook_ready 0']);
  problem = undefined;
  assert.deepEqual(await exposed(metrics, 'pod_identity_webhook_ready'), ['pod_identity_webhook_ready 1']);
});

test('tells what the process uses', async () => {
  const metrics = newMetrics();
  for (const name of [
    'process_resident_memory_bytes',
    'process_cpu_seconds_total',
    'process_start_time_seconds',
    'nodejs_eventloop_lag_seconds',
  ]) {
    const [line = ''] = await exposed(metrics, name);
    assert.ok(Number(line.split(' ')[1]) > 0, `${name}: ${line}`);
  }
});

test('gives each registry its own counts', async () => {
  const [one, other] = [newMetrics(), newMetrics()];
  one.survived('INTERNAL');
  assert.deepEqual(await exposed(other, 'pod_identity_webhook_faults_total'), []);
});

test('is of the media type that Prometheus asks for', () => {
  assert.match(newMetrics().contentType, /^text\/plain; version=0\.0\.4/);
});
