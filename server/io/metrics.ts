/** IO: counts for Prometheus, under the Go webhook's names and ours. Keeps no names of pods or accounts. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Reason, RequestFaultCode } from '../core/faults.ts';
import type { Clock, Decision, Exposition, Metrics, Readiness } from '../ports.ts';
import { type ProcessUsage, processMetrics } from './metrics/process.ts';
import { requestMetrics } from './metrics/requests.ts';

/** What is counted, and its exposition. */
export interface PrometheusMetrics extends Metrics, Exposition {
  /** Shows whether every check passes at the time of the scrape. */
  ready(checks: readonly Readiness[]): void;
}

/** Upper bounds in seconds for waits that end by the lookup's grace period. */
const lookupBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the metrics are told by. */
export interface MetricsOptions {
  /** Tells how old the cache is. */
  readonly clock: Clock;
  /** Of this program, for the build info. */
  readonly version: string;
  readonly usage: ProcessUsage;
}

/** Returns metrics of their own registry. */
export function createMetrics({ clock, version, usage }: MetricsOptions): PrometheusMetrics {
  const registry = new Registry();
  const requested = requestMetrics(registry);
  const decided = decisionMetrics(registry);
  const looked = lookupMetrics(registry);
  const cached = cacheMetrics(registry, clock);
  const { watched, survived, certificate } = supportMetrics(registry);
  buildInfo(registry, version);
  processMetrics(registry, usage);
  const { contentType } = registry;
  const render = () => registry.metrics();
  const ready = readyMetric(registry);
  return { requested, decided, looked, cached, watched, survived, certificate, ready, render, contentType };
}

/** What alerts are about is 0 from the start: Prometheus sees no increase in a series that begins with 1. */
const alarmingDecisions: readonly Decision[] = [
  ...(['ACCOUNT_MISSING', 'LOOKUP_TIMED_OUT', 'LOOKUP_UNAVAILABLE', 'POD_MALFORMED'] as const).map(
    (reason: Reason) => ({ outcome: 'unchanged', reason, method: 'none' }) as const,
  ),
  ...(['NOT_JSON', 'FIELD_MISSING', 'FIELD_INVALID', 'BODY_TOO_LARGE'] as const).map(
    (reason: RequestFaultCode) => ({ outcome: 'refused', reason, method: 'none' }) as const,
  ),
  { outcome: 'failed', reason: 'INTERNAL', method: 'none' },
];

/** Decisions are counted once and turned into three counters at scrape time: prom-client's `inc` with labels takes a microsecond each. */
function decisionMetrics(registry: Registry): Metrics['decided'] {
  const tallies = new Map<string, Decision & { count: number }>();
  const keyOf = ({ outcome, reason, method }: Decision) => `${outcome} ${reason} ${method}`;
  for (const alarming of alarmingDecisions) tallies.set(keyOf(alarming), { ...alarming, count: 0 });
  const show = (name: string, help: string, view: View) => {
    const collect = function (this: Counter): void {
      this.reset();
      if (view.labelNames.length === 0) this.inc(0);
      for (const tally of tallies.values()) if (view.counts(tally)) this.inc(view.labels(tally), tally.count);
    };
    new Counter({ name, help, labelNames: view.labelNames, registers: [registry], collect });
  };
  const counts = ({ outcome }: Decision) => outcome === 'mutated';
  show('pod_identity_webhook_used', 'Pods that were given credentials.', {
    labelNames: [],
    labels: () => ({}),
    counts,
  });
  show('pod_identity_webhook_pod_count', 'Pods that were given credentials, by method.', {
    labelNames: ['method'],
    labels: ({ method }) => ({ method }),
    counts,
  });
  show('pod_identity_webhook_decisions_total', 'Reviews, by how and why they ended.', {
    labelNames: ['outcome', 'reason'],
    labels: ({ outcome, reason }) => ({ outcome, reason }),
    counts: () => true,
  });
  return (decision) => {
    const key = keyOf(decision);
    const tally = tallies.get(key);
    if (tally) tally.count++;
    else tallies.set(key, { ...decision, count: 1 });
  };
}

/** How decisions are shown under one name: which of them, and by what. */
interface View {
  readonly labelNames: readonly string[];
  readonly labels: (decision: Decision) => Readonly<Record<string, string>>;
  readonly counts: (decision: Decision) => boolean;
}

function lookupMetrics(registry: Registry): Metrics['looked'] {
  const missingHelp = 'Service accounts that were not to be found in time.';
  const missing = countersOf(registry)('pod_identity_webhook_missing_sa_count', missingHelp);
  const durations = new Histogram({
    name: 'pod_identity_webhook_lookup_duration_seconds',
    help: 'Time until it was known what the cache lacked, or until the wait for it ended, in seconds.',
    labelNames: ['outcome'],
    buckets: lookupBounds,
    registers: [registry],
  });
  return (outcome, seconds) => {
    durations.observe({ outcome }, seconds);
    if (outcome !== 'live' && outcome !== 'cached') missing.inc();
  };
}

function cacheMetrics(registry: Registry, clock: Clock): Metrics['cached'] {
  const caches = new Map<string, { readonly objects: number; readonly heardMs: number }>();
  const labels = { labelNames: ['resource'], registers: [registry] };
  new Gauge({
    name: 'pod_identity_webhook_cache_objects',
    help: 'Objects in the cache.',
    ...labels,
    collect() {
      for (const [resource, { objects }] of caches) this.set({ resource }, objects);
    },
  });
  new Gauge({
    name: 'pod_identity_webhook_cache_age_seconds',
    help: 'Time since the last word from the API server, in seconds; a bookmark is due about every minute.',
    ...labels,
    collect() {
      for (const [resource, { heardMs }] of caches) {
        // a clock that was set back must not make the cache newer than new
        this.set({ resource }, Math.max(0, clock.nowMs() - heardMs) / 1000);
      }
    },
  });
  return (resource, objects, heardMs) => void caches.set(resource, { objects, heardMs });
}

function supportMetrics(registry: Registry): Pick<Metrics, 'watched' | 'survived' | 'certificate'> {
  const counter = countersOf(registry);
  const watches = counter('pod_identity_webhook_watch_events_total', 'What was heard while following.', [
    'resource',
    'event',
  ]);
  const faults = counter('pod_identity_webhook_faults_total', 'Faults that were survived, by code.', ['code']);
  const expiry = new Gauge({
    name: 'pod_identity_webhook_certificate_expiry_timestamp_seconds',
    help: 'End of the serving certificate, in seconds since 1970; 0 while there is none.',
    registers: [registry],
  });
  return {
    watched: (resource, event) => watches.inc({ resource, event }),
    survived: (code) => faults.inc({ code }),
    certificate: (notAfterMs) => expiry.set(notAfterMs / 1000),
  };
}

function readyMetric(registry: Registry): PrometheusMetrics['ready'] {
  return (checks) => {
    new Gauge({
      name: 'pod_identity_webhook_ready',
      help: '1 when all is well that /readyz checks, else 0.',
      registers: [registry],
      collect() {
        this.set(checks.every((check) => check() === undefined) ? 1 : 0);
      },
    });
  };
}

function buildInfo(registry: Registry, version: string): void {
  const help = 'The program that runs; always 1.';
  const labelNames = ['version'];
  new Gauge({ name: 'pod_identity_webhook_build_info', help, labelNames, registers: [registry] }).set({ version }, 1);
}

/** Returns the maker of counters of one registry. */
function countersOf(registry: Registry) {
  return <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
    new Counter({ name, help, labelNames, registers: [registry] });
}
