/** IO: lets lookups wait for the first state of what is followed. Follows nothing itself. */
import type { Clock } from '../ports.ts';

/** Whether a first state is there, and who waits for it. */
export class FirstState {
  readonly #clock: Clock;
  readonly #waiters = new Set<() => void>();
  #isKnown = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Notes that the state is there. */
  reach(): void {
    this.#isKnown = true;
    this.release();
  }

  /** Notes that the state is gone. */
  forget(): void {
    this.#isKnown = false;
  }

  /** Lets everybody who waits go on, whatever is known. */
  release(): void {
    for (const goOn of this.#waiters) goOn();
  }

  /** Resolves when the state is there, at the deadline (monotonic), or on release. */
  wait(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const goOn = () => {
        callOff();
        this.#waiters.delete(goOn);
        resolve();
      };
      const callOff = this.#clock.after(deadlineMs - this.#clock.monotonicMs(), goOn);
      this.#waiters.add(goOn);
    });
  }
}
