/** Test support: a clock that stands still until it is told to advance. Holds no real timers. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../server/ports.ts';

interface Timer {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Time that passes only by `advance`. */
export class FakeClock implements Clock {
  #wallMs: number;
  #elapsedMs = 0;
  #timers: readonly Timer[] = [];

  /** @param startMs the wall clock's first reading, in milliseconds since 1970 */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#wallMs = startMs;
  }

  nowMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, wake: () => void): () => void {
    const timer = { atMs: this.#elapsedMs + Math.max(0, delayMs), wake };
    this.#timers = [...this.#timers, timer];
    return () => this.#remove(timer);
  }

  /** Says how many timers wait; 0 when nothing was left running. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Says in how many milliseconds the next timer is due; undefined when none waits. */
  get nextMs(): number | undefined {
    const next = this.#next();
    return next && next.atMs - this.#elapsedMs;
  }

  /** Sets the wall clock forward or back, as NTP does; timers and the monotonic clock do not notice. */
  stepWall(ms: number): void {
    this.#wallMs += ms;
  }

  /** Lets time pass: wakes the timers that fall due, in order, those set meanwhile too; promises settle in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await setImmediate();
    for (let timer = this.#next(); timer && timer.atMs <= untilMs; timer = this.#next()) {
      this.#moveTo(timer.atMs);
      this.#remove(timer);
      timer.wake();
      await setImmediate();
    }
    this.#moveTo(untilMs);
  }

  #next(): Timer | undefined {
    // reduce keeps the older of two timers that are due at once, as Node's own timers do
    return this.#timers.reduce<Timer | undefined>((a, b) => (a && a.atMs <= b.atMs ? a : b), undefined);
  }

  #remove(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }

  #moveTo(elapsedMs: number): void {
    this.#wallMs += elapsedMs - this.#elapsedMs;
    this.#elapsedMs = elapsedMs;
  }
}
