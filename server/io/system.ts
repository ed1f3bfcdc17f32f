/** IO: the real clock and random numbers. Decides nothing. */
import type { Clock, Random } from '../ports.ts';

/** Timers beyond this fire at once in Node: it counts their milliseconds in 31 bits. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's time. Waits longer than 24.8 days end at 24.8 days. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, wake) {
    const timer = setTimeout(wake, Math.min(delayMs, longestTimerMs)).unref();
    return () => clearTimeout(timer);
  },
};

/** Numbers for jitter and spread. Serial numbers and keys come from WebCrypto, where they are made. */
export const systemRandom: Random = Math.random;
