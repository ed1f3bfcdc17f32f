/**
 * IO, metrics: what the process uses. Reads at scrape time only, so that an idle process sleeps: prom-client's default
 * set would wake it a hundred times a second to measure the event loop.
 */
import { setImmediate } from 'node:timers/promises';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What the process has used up to now; main.ts, which alone touches the process, tells. */
export interface ProcessUsage {
  residentBytes(): number;
  /** User and system, in seconds. */
  cpuSeconds(): number;
}

/** Adds the metrics of the process to a registry, under the names that Prometheus clients agree on. */
export function processMetrics(registry: Registry, usage: ProcessUsage): void {
  const registers = [registry];
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory in RAM, in bytes.',
    registers,
    collect() {
      this.set(usage.residentBytes());
    },
  });
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time used, user and system, in seconds.',
    registers,
    collect() {
      this.reset();
      this.inc(usage.cpuSeconds());
    },
  });
  new Gauge({ name: 'process_start_time_seconds', help: 'Start, in seconds since 1970.', registers }).set(
    performance.timeOrigin / 1000,
  );
  new Gauge({
    name: 'nodejs_eventloop_lag_seconds',
    help: 'How long the event loop took to turn once, measured at this scrape, in seconds.',
    registers,
    async collect() {
      const startMs = performance.now();
      await setImmediate();
      this.set((performance.now() - startMs) / 1000);
    },
  });
}
