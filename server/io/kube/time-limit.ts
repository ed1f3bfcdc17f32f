/** IO, Kubernetes: the time limit of one request, whose length changes with its phase. Does not know what it ends. */
import type { Clock } from '../../ports.ts';

/** One limit that is set anew for each phase of a request. */
export interface TimeLimit {
  /** Begins a phase; the one before is over. */
  phase(name: string, limitMs: () => number): void;
  /** Begins the same phase's time anew. */
  heard(): void;
  clear(): void;
}

/** Returns a limit that calls `expire` with the name of the phase that took too long, at most once. */
export function createTimeLimit(clock: Clock, expire: (phase: string) => void): TimeLimit {
  let name = '';
  let limitMs = () => 0;
  let sinceMs = 0;
  let callOff = () => {};

  // A busy stream is heard of thousands of times a second: the timer is left alone and looks back when it wakes.
  function wake(): void {
    const leftMs = sinceMs + limitMs() - clock.monotonicMs();
    if (leftMs > 0) callOff = clock.after(leftMs, wake);
    else expire(name);
  }

  return {
    phase(newName, newLimitMs) {
      callOff();
      name = newName;
      limitMs = newLimitMs;
      sinceMs = clock.monotonicMs();
      callOff = clock.after(limitMs(), wake);
    },
    heard() {
      sinceMs = clock.monotonicMs();
    },
    clear() {
      callOff();
    },
  };
}
