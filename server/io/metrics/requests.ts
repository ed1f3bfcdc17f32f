/**
 * IO, metrics: counts requests once and shows them under four names at scrape time. Labels hold no names of objects.
 * It is not prom-client's own Histogram and Summary: the Summary alone costs 4 µs a request, all of this half of one.
 */
import type { Metric, Registry } from 'prom-client';
import { routes } from '../../../contract/routes.ts';

/** Upper bounds in seconds, from 0.1 ms to 10 s; a reply in half a millisecond is what most are. */
const boundsSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Quantiles are over so many latest requests: ten for the 99th percentile. */
const recentRequests = 1024;
const quantiles = [0.5, 0.9, 0.99];
const microsecondsPerSecond = 1e6;

/** All that is known of the requests of one route and status. */
interface Tally {
  readonly route: string;
  readonly status: number;
  count: number;
  sumSeconds: number;
  /** Requests up to each bound and above the one before; those above the last bound are in `count` alone. */
  readonly buckets: number[];
  /** The latest durations, in a ring; `count` says where the next goes. */
  readonly recentSeconds: Float64Array;
}

type Labels = Readonly<Record<string, string | number>>;
type LabelsOf = (tally: Tally) => Labels;

/** One line of the exposition. */
interface Sample {
  readonly metricName?: string;
  readonly labels: Labels;
  readonly value: number;
}

const knownRoutes: ReadonlySet<string> = new Set(Object.values(routes));

/** Adds the request metrics to a registry and returns the function that counts a request. */
export function requestMetrics(registry: Registry): (route: string, status: number, seconds: number) => void {
  const tallies = new Map<string, Tally>();
  registerViews(registry, () => [...tallies.values()]);
  return (route, status, seconds) => {
    const name = knownRoutes.has(route) ? route : 'other';
    const key = `${status} ${name}`;
    const tally = tallies.get(key) ?? newTally(name, status);
    if (tally.count === 0) tallies.set(key, tally);
    add(tally, seconds);
  };
}

function newTally(route: string, status: number): Tally {
  const buckets = boundsSeconds.map(() => 0);
  return { route, status, count: 0, sumSeconds: 0, buckets, recentSeconds: new Float64Array(recentRequests) };
}

function add(tally: Tally, seconds: number): void {
  tally.recentSeconds[tally.count % recentRequests] = seconds;
  tally.count += 1;
  tally.sumSeconds += seconds;
  const bucket = boundsSeconds.findIndex((bound) => seconds <= bound);
  if (bucket >= 0) tally.buckets[bucket] = (tally.buckets[bucket] ?? 0) + 1;
}

function registerViews(registry: Registry, tallies: () => readonly Tally[]): void {
  const view = (type: string, name: string, help: string, samples: (tally: Tally) => readonly Sample[]) => {
    const get = async () => ({ name, help, type, aggregator: 'sum', values: tallies().flatMap(samples) });
    // all that the registry asks of a metric is its name and `get`; the type asks for one of prom-client's classes
    registry.registerMetric({ name, help, type, get } as unknown as Metric);
  };
  view('counter', 'http_request_count', 'Requests answered.', (tally) => [
    { labels: webLabels(tally), value: tally.count },
  ]);
  view('histogram', 'http_request_latencies', 'Time to answer, in microseconds.', (tally) =>
    histogram('http_request_latencies', tally, webLabels, microsecondsPerSecond),
  );
  const summaryHelp = `Time to answer, in microseconds; quantiles of the last ${recentRequests} requests.`;
  view('summary', 'http_request_duration_microseconds', summaryHelp, (tally) =>
    summary('http_request_duration_microseconds', tally),
  );
  const ours = 'pod_identity_webhook_request_duration_seconds';
  const ourLabels: LabelsOf = ({ route, status }) => ({ route, status });
  view('histogram', ours, 'Time from the first byte read to the answer, in seconds.', (tally) =>
    histogram(ours, tally, ourLabels, 1),
  );
}

/** The labels of the Go webhook. The method is the one that the route is for; `other` where that was what was wrong. */
function webLabels({ route, status }: Tally): Labels {
  const method = route === routes.mutate ? 'POST' : 'GET';
  return { status, method: status === 405 || route === 'other' ? 'other' : method, path: route };
}

function histogram(name: string, tally: Tally, labelsOf: LabelsOf, scale: number): readonly Sample[] {
  const labels = labelsOf(tally);
  let upTo = 0;
  const buckets = boundsSeconds.map((bound, index) => {
    upTo += tally.buckets[index] ?? 0;
    return bucket(name, labels, Math.round(bound * scale * 1e5) / 1e5, upTo);
  });
  return [...buckets, bucket(name, labels, '+Inf', tally.count), ...sumAndCount(name, tally, { labels, scale })];
}

function bucket(name: string, labels: Labels, le: number | string, value: number): Sample {
  return { metricName: `${name}_bucket`, labels: { ...labels, le }, value };
}

function summary(name: string, tally: Tally): readonly Sample[] {
  const labels = webLabels(tally);
  const sorted = tally.recentSeconds.slice(0, Math.min(tally.count, recentRequests)).sort();
  const valueAt = (quantile: number) => sorted[Math.ceil(quantile * sorted.length) - 1] ?? Number.NaN;
  return [
    ...quantiles.map((quantile) => ({
      labels: { ...labels, quantile },
      value: valueAt(quantile) * microsecondsPerSecond,
    })),
    ...sumAndCount(name, tally, { labels, scale: microsecondsPerSecond }),
  ];
}

function sumAndCount(name: string, tally: Tally, as: { readonly labels: Labels; readonly scale: number }): Sample[] {
  return [
    { metricName: `${name}_sum`, labels: as.labels, value: tally.sumSeconds * as.scale },
    { metricName: `${name}_count`, labels: as.labels, value: tally.count },
  ];
}
