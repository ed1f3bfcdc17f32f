/** IO, Kubernetes: limits how often something is done. Never waits: what is over the limit is refused. */
import type { Clock } from '../../ports.ts';

export interface TokenBucketOptions {
  readonly perSecond: number;
  /** How many may be taken at once after a pause. */
  readonly burst: number;
  readonly clock: Clock;
}

/** Returns a function that says whether one more is within the limit, and counts it if so. */
export function createTokenBucket({ perSecond, burst, clock }: TokenBucketOptions): () => boolean {
  let tokens = burst;
  let countedMs = clock.monotonicMs();
  return () => {
    const nowMs = clock.monotonicMs();
    tokens = Math.min(burst, tokens + ((nowMs - countedMs) / 1000) * perSecond);
    countedMs = nowMs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
