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

/** One of the names under which requests are shown. */
interface View {
  readonly type: string;
  readonly name: string;
  readonly help: string;
  readonly samples: (tally: Tally) => readonly Sample[];
}

const latencies = 'http_request_latencies';
const durations = 'http_request_duration_microseconds';
const seconds = 'pod_identity_webhook_request_duration_seconds';

const views: readonly View[] = [
  {
    type: 'counter',
    name: 'http_request_count',
    help: 'Requests answered.',
    samples: (tally) => [{ labels: webLabels(tally), value: tally.count }],
  },
  {
    type: 'histogram',
    name: latencies,
    help: 'Time to answer, in microseconds.',
    samples: (tally) => histogram(tally, { name: latencies, labels: webLabels(tally), scale: microsecondsPerSecond }),
  },
  {
    type: 'summary',
    name: durations,
    help: `Time to answer, in microseconds; quantiles of the last ${recentRequests} requests.`,
    samples: (tally) => summary(tally, { name: durations, labels: webLabels(tally), scale: microsecondsPerSecond }),
  },
  {
    type: 'histogram',
    name: seconds,
    help: 'Time from the first byte read to the answer, in seconds.',
    samples: (tally) =>
      histogram(tally, { name: seconds, labels: { route: tally.route, status: tally.status }, scale: 1 }),
  },
];

function registerViews(registry: Registry, tallies: () => readonly Tally[]): void {
  for (const { samples, ...view } of views) {
    const get = async () => ({ ...view, aggregator: 'sum', values: tallies().flatMap(samples) });
    // all that the registry asks of a metric is its name and `get`; the type asks for one of prom-client's classes
    registry.registerMetric({ ...view, get } as unknown as Metric);
  }
}

/** The labels of the Go webhook. The method is the one that the route is for; `other` where that was what was wrong. */
function webLabels({ route, status }: Tally): Labels {
  const method = route === routes.mutate ? 'POST' : 'GET';
  return { status, method: status === 405 || route === 'other' ? 'other' : method, path: route };
}

/** How a tally is written: under which name, with which labels, and in what fraction of a second. */
interface Writing {
  readonly name: string;
  readonly labels: Labels;
  readonly scale: number;
}

function histogram(tally: Tally, { name, labels, scale }: Writing): readonly Sample[] {
  const bucket = (le: number | string, value: number) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le },
    value,
  });
  let upTo = 0;
  const buckets = boundsSeconds.map((bound, index) => {
    upTo += tally.buckets[index] ?? 0;
    return bucket(Math.round(bound * scale * 1e5) / 1e5, upTo);
  });
  return [...buckets, bucket('+Inf', tally.count), ...sumAndCount(tally, { name, labels, scale })];
}

function summary(tally: Tally, { name, labels, scale }: Writing): readonly Sample[] {
  const sorted = tally.recentSeconds.slice(0, Math.min(tally.count, recentRequests)).sort();
  const valueAt = (quantile: number) => sorted[Math.ceil(quantile * sorted.length) - 1] ?? Number.NaN;
  return [
    ...quantiles.map((quantile) => ({ labels: { ...labels, quantile }, value: valueAt(quantile) * scale })),
    ...sumAndCount(tally, { name, labels, scale }),
  ];
}

function sumAndCount(tally: Tally, { name, labels, scale }: Writing): Sample[] {
  return [
    { metricName: `${name}_sum`, labels, value: tally.sumSeconds * scale },
    { metricName: `${name}_count`, labels, value: tally.count },
  ];
}
