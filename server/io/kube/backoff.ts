/** IO, Kubernetes: how long to wait before trying again. Pure; the random number comes in. */
import type { Random } from '../../ports.ts';

/** The first wait is at most this long: short enough for a hiccup, long enough to spread the replicas. */
export const backoffBaseMs = 1000;

/** No wait is longer: a cluster that comes back is followed again within half a minute. */
export const backoffCapMs = 30_000;

/**
 * Returns a wait anywhere between 0 and a limit that doubles with every attempt ("full jitter"), so that replicas that
 * lost the API server together do not return together.
 * @param attempt 1 for the first
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempt: number, random: Random): number {
  return random() * Math.min(backoffCapMs, backoffBaseMs * 2 ** Math.max(0, attempt - 1));
}
