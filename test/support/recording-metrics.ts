/** Test support: metrics that keep what they are told. Count nothing. */
import type { Metrics } from '../../server/ports.ts';

/** One call of a method of `Metrics`: its name, then its arguments. */
export type RecordedCall = { [K in keyof Metrics]: readonly [K, ...Parameters<Metrics[K]>] }[keyof Metrics];

/** Keeps every call, in order. */
export class RecordingMetrics implements Metrics {
  readonly calls: RecordedCall[] = [];

  /** Returns the arguments of each call of one method. */
  of<K extends keyof Metrics>(name: K): readonly Parameters<Metrics[K]>[] {
    return this.calls.filter((call) => call[0] === name).map((call) => call.slice(1) as Parameters<Metrics[K]>);
  }

  decided(...args: Parameters<Metrics['decided']>): void {
    this.calls.push(['decided', ...args]);
  }

  requested(...args: Parameters<Metrics['requested']>): void {
    this.calls.push(['requested', ...args]);
  }

  looked(...args: Parameters<Metrics['looked']>): void {
    this.calls.push(['looked', ...args]);
  }

  watched(...args: Parameters<Metrics['watched']>): void {
    this.calls.push(['watched', ...args]);
  }

  cached(...args: Parameters<Metrics['cached']>): void {
    this.calls.push(['cached', ...args]);
  }

  certificate(...args: Parameters<Metrics['certificate']>): void {
    this.calls.push(['certificate', ...args]);
  }

  survived(...args: Parameters<Metrics['survived']>): void {
    this.calls.push(['survived', ...args]);
  }
}
