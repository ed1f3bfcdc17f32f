/** IO, Kubernetes: makes one change at a time, again after a pause when it fails. Knows no object. */
import type { Clock, Random } from '../../ports.ts';
import { messageOf } from '../system-error.ts';
import { backoffMs } from './backoff.ts';
import type { WriteOutcome } from './conditional-write.ts';
import { createTokenBucket } from './token-bucket.ts';

/** What the attempts need. */
export interface AttemptsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Is called after each attempt, and when the next may be made: what there is to do is asked anew. */
  readonly again: () => void;
  /** Is called with each new reason why attempts fail. */
  readonly failed: (reason: string) => void;
}

/** So many conflicts in a row are none when nothing is heard of a change: the API server refuses for another reason. */
const conflictsLimit = 5;

/** Whoever undoes each change at once is not fought at full speed. */
const undoneMs = 5_000;

/** Attempts at one kind of change. */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #isWithinRate: () => boolean;
  #isBusy = false;
  #isStopped = false;
  #failures = 0;
  #isConflict = false;
  #hasHeard = false;
  #notBeforeMs = 0;
  #fault: string | undefined;
  #endTimer = () => {};

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#isWithinRate = createTokenBucket({ perSecond: 1000 / undoneMs, burst: 5, clock: options.clock });
  }

  /** Why the last attempt failed; undefined: it did not. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Makes an attempt, unless one is under way or it is too soon: then `again` is called in time. */
  try(work: () => Promise<WriteOutcome>): void {
    const isSoon = this.#options.clock.monotonicMs() < this.#notBeforeMs;
    if (!this.#isBusy && !this.#isStopped && !isSoon) void this.#run(work);
  }

  /** What there is has changed, so a conflict is over, and was none to worry about: another replica was faster. */
  heard(): void {
    this.#hasHeard = true;
    if (!this.#isConflict) return;
    this.#isConflict = false;
    this.#notBeforeMs = 0;
    this.#failures = 0;
    this.#fault = undefined;
  }

  stop(): void {
    this.#isStopped = true;
    this.#endTimer();
  }

  async #run(work: () => Promise<WriteOutcome>): Promise<void> {
    this.#isBusy = true;
    this.#hasHeard = false;
    const outcome = await work().catch(failedBy);
    this.#isBusy = false;
    if (this.#isStopped) return;
    this.#take(outcome);
    // the watch may be faster than the refusal
    if (this.#hasHeard) this.heard();
    const { clock, again } = this.#options;
    const waitMs = this.#notBeforeMs - clock.monotonicMs();
    this.#endTimer();
    if (waitMs > 0) this.#endTimer = clock.after(waitMs, again);
    again();
  }

  #take(outcome: WriteOutcome): void {
    const { clock, random, failed } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#isConflict = outcome.kind === 'conflict';
    if (outcome.kind === 'written') {
      this.#failures = 0;
      this.#fault = undefined;
      this.#notBeforeMs = this.#isWithinRate() ? 0 : nowMs + undoneMs;
      return;
    }
    this.#failures += 1;
    const retryAfterMs = outcome.kind === 'failed' ? (outcome.retryAfterMs ?? 0) : 0;
    this.#notBeforeMs = nowMs + retryAfterMs + Math.max(leastMs, backoffMs(this.#failures, random));
    if (this.#isConflict && (this.#hasHeard || this.#failures < conflictsLimit)) return;
    const isNew = this.#fault !== outcome.reason;
    this.#fault = outcome.reason;
    if (isNew) failed(outcome.reason);
  }
}

/** No attempt follows a failed one without a pause, whatever the draw. */
const leastMs = 50;

function failedBy(error: unknown): WriteOutcome {
  return { kind: 'failed', reason: `internal error: ${messageOf(error)}` };
}
