import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { requestMetrics } from '../../../../server/io/metrics/requests.ts';

type Request = readonly [route: string, status: number, seconds: number];

/** Counts the requests and returns the exposed samples, by name and labels. */
async function samplesOf(requests: readonly Request[]): Promise<ReadonlyMap<string, number>> {
  const registry = new Registry();
  const requested = requestMetrics(registry);
  for (const request of requests) requested(...request);
  const lines = (await registry.metrics()).split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

const goLabels = 'status="200",method="POST",path="/mutate"';

test('counts requests under the names of the Go webhook, in microseconds', async () => {
  const samples = await samplesOf([
    ['/mutate', 200, 0.0002],
    ['/mutate', 200, 0.002],
    ['/mutate', 200, 20],
  ]);
  assert.equal(samples.get(`http_request_count{${goLabels}}`), 3);
  assert.equal(samples.get(`http_request_latencies_bucket{${goLabels},le="100"}`), 0);
  assert.equal(samples.get(`http_request_latencies_bucket{${goLabels},le="250"}`), 1);
  assert.equal(samples.get(`http_request_latencies_bucket{${goLabels},le="2500"}`), 2);
  assert.equal(samples.get(`http_request_latencies_bucket{${goLabels},le="10000000"}`), 2);
  assert.equal(samples.get(`http_request_latencies_bucket{${goLabels},le="+Inf"}`), 3);
  assert.equal(samples.get(`http_request_latencies_sum{${goLabels}}`), 20_002_200);
  assert.equal(samples.get(`http_request_latencies_count{${goLabels}}`), 3);
});

test('summarises the latest requests, in microseconds', async () => {
  const old = Array.from({ length: 500 }, (): Request => ['/mutate', 200, 9]);
  const latest = Array.from({ length: 1024 }, (_, i): Request => ['/mutate', 200, (1024 - i) / 1024]);
  const samples = await samplesOf([...old, ...latest]);
  const quantile = (q: number) => samples.get(`http_request_duration_microseconds{${goLabels},quantile="${q}"}`);
  assert.deepEqual([quantile(0.5), quantile(0.9), quantile(0.99)], [500_000, 900_390.625, 990_234.375]);
  assert.equal(samples.get(`http_request_duration_microseconds_count{${goLabels}}`), 1524);
});

test('counts requests in seconds, by route and status', async () => {
  const samples = await samplesOf([
    ['/mutate', 200, 0.25],
    ['/mutate', 413, 0.5],
  ]);
  const name = 'pod_identity_webhook_request_duration_seconds';
  assert.equal(samples.get(`${name}_bucket{route="/mutate",status="200",le="0.1"}`), 0);
  assert.equal(samples.get(`${name}_bucket{route="/mutate",status="200",le="0.25"}`), 1);
  assert.equal(samples.get(`${name}_sum{route="/mutate",status="413"}`), 0.5);
});

test('counts all unknown routes as one', async () => {
  const samples = await samplesOf([
    ['/wp-login.php', 404, 0.1],
    ['/x', 404, 0.1],
  ]);
  assert.equal(samples.get('http_request_count{status="404",method="other",path="other"}'), 2);
});

test('names no method where the method was what was wrong', async () => {
  const samples = await samplesOf([
    ['/mutate', 405, 0.1],
    ['/healthz', 200, 0.1],
  ]);
  assert.equal(samples.get('http_request_count{status="405",method="other",path="/mutate"}'), 1);
  assert.equal(samples.get('http_request_count{status="200",method="GET",path="/healthz"}'), 1);
});

test('buckets never decrease and end at the count, whatever the durations', async () => {
  const durations = fc.array(fc.double({ min: 0, max: 30, noNaN: true }), { minLength: 1, maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(durations, async (seconds) => {
      const samples = await samplesOf(seconds.map((s) => ['/mutate', 200, s]));
      const buckets = [...samples].filter(([name]) => name.includes('duration_seconds_bucket'));
      for (const [name, value] of buckets) {
        const bound = Number(/le="([^"]+)"/.exec(name)?.[1]?.replace('+Inf', 'Infinity'));
        assert.equal(value, seconds.filter((s) => s <= bound).length);
      }
      assert.equal(buckets.length, 17);
    }),
    { numRuns: 50 },
  );
});
