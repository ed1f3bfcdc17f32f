/** IO: counts for Prometheus, under the Go webhook's names and ours. Keeps no names of pods or accounts. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock, Exposition, Metrics } from '../ports.ts';
import { type ProcessUsage, processMetrics } from './metrics/process.ts';
import { requestMetrics } from './metrics/requests.ts';

/** What is counted, and its exposition. */
export type PrometheusMetrics = Metrics & Exposition;

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
  return { requested, decided, looked, cached, watched, survived, certificate, render, contentType };
}

function decisionMetrics(registry: Registry): Metrics['decided'] {
  const counter = countersOf(registry);
  const used = counter('pod_identity_webhook_used', 'Pods that were given credentials.');
  const pods = counter('pod_identity_webhook_pod_count', 'Pods that were given credentials, by method.', ['method']);
  const decisions = counter('pod_identity_webhook_decisions_total', 'Reviews, by how and why they ended.', [
    'outcome',
    'reason',
  ]);
  return ({ outcome, reason, method }) => {
    decisions.inc({ outcome, reason });
    if (outcome !== 'mutated') return;
    used.inc();
    pods.inc({ method });
  };
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
