/** IO, Kubernetes: waits for service accounts that the cache does not know well enough, with at most one GET at a time each. Keeps no accounts. */
import type { IdentityFacts, ServiceAccountRef } from '../../core/types.ts';
import type { Clock, Log } from '../../ports.ts';
import type { IndexedAccount } from './account-index.ts';
import { keyOf } from './account-map.ts';
import type { KubeClient, KubeReply } from './client.ts';
import type { KubeFailure } from './exchange.ts';
import { statusOfReply } from './feed.ts';
import { createTokenBucket } from './token-bucket.ts';
import type { KubeObject } from './watch-event.ts';

export interface LiveLookupsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether an account that does not exist may be created while somebody waits for it. */
  readonly isPatient: boolean;
  /** Reads the facts of an account that a GET brought. */
  readonly read: (object: KubeObject) => IndexedAccount;
}

/** A cluster-wide burst of new accounts must not become a burst of requests: the watch brings them all anyway. */
const getsPerSecond = 100;
const getsBurst = 200;

/** A GET is given up with its last waiter; this is for waits that are longer than any registration's timeout. */
const getMs = 10_000;

/** How long "not found" is believed. The watch ends it sooner when the account is created. */
const missingMs = 2000;

const noFacts = Object.freeze({});
export const missingFacts: IdentityFacts = Object.freeze({ outcome: 'missing', annotations: noFacts });
export const timedOutFacts: IdentityFacts = Object.freeze({ outcome: 'timed-out', annotations: noFacts });
const unavailableFacts: IdentityFacts = Object.freeze({ outcome: 'unavailable', annotations: noFacts });

/** The wait for one account, shared by all reviews that need it. */
interface Vigil {
  readonly ref: ServiceAccountRef;
  readonly waiters: Set<(facts: IdentityFacts) => void>;
  readonly over: AbortController;
  known: IdentityFacts | undefined;
  isAsking: boolean;
  callOffSecondGet: () => void;
}

/** The waits for all accounts that the cache does not know well enough. */
export class LiveLookups {
  readonly #options: LiveLookupsOptions;
  readonly #mayGet: () => boolean;
  readonly #vigils = new Map<string, Vigil>();
  readonly #missingUntil = new Map<string, number>();

  constructor(options: LiveLookupsOptions) {
    this.#options = options;
    this.#mayGet = createTokenBucket({ perSecond: getsPerSecond, burst: getsBurst, clock: options.clock });
  }

  /**
   * Resolves to what the watch or a GET says of the account; by the deadline to what is known then.
   * @param deadlineMs on the monotonic scale
   * @param account what is cached of it; undefined: nothing, so it is asked for at once
   */
  wait(ref: ServiceAccountRef, deadlineMs: number, account: IndexedAccount | undefined): Promise<IdentityFacts> {
    const { clock } = this.#options;
    const vigil = this.#vigils.get(keyOf(ref)) ?? this.#open(ref, deadlineMs, account);
    return new Promise((resolve) => {
      const answer = (facts: IdentityFacts) => {
        callOff();
        vigil.waiters.delete(answer);
        if (vigil.waiters.size === 0) this.#close(vigil);
        resolve(facts);
      };
      const callOff = clock.after(deadlineMs - clock.monotonicMs(), () => answer(vigil.known ?? timedOutFacts));
      vigil.waiters.add(answer);
    });
  }

  /** Takes the word of the watch. */
  seen(key: string, account: IndexedAccount): void {
    // not asked in vain: V8 enters what a map is asked for into a table, and here come all accounts of a cluster
    if (this.#missingUntil.size > 0) this.#missingUntil.delete(key);
    const vigil = this.#vigils.size > 0 ? this.#vigils.get(key) : undefined;
    if (vigil) learn(vigil, account);
  }

  /** Whether the API server has said a moment ago that there is no such account, and nobody waits for it. */
  isKnownMissing(key: string): boolean {
    return !this.#vigils.has(key) && (this.#missingUntil.get(key) ?? 0) > this.#options.clock.monotonicMs();
  }

  /** Answers all that wait, and forgets what is missing. */
  clear(): void {
    for (const vigil of this.#vigils.values()) settle(vigil, vigil.known ?? unavailableFacts);
    this.#missingUntil.clear();
  }

  #open(ref: ServiceAccountRef, deadlineMs: number, account: IndexedAccount | undefined): Vigil {
    const { clock } = this.#options;
    const over = new AbortController();
    const known = account && { ...account.facts, outcome: 'live' as const };
    const vigil: Vigil = { ref, waiters: new Set(), over, known, isAsking: false, callOffSecondGet: () => {} };
    this.#vigils.set(keyOf(ref), vigil);
    if (!account) void this.#ask(vigil);
    // The watch is the quicker one as a rule; if it is deaf, half of the time is left for an answer.
    const halfMs = (deadlineMs - clock.monotonicMs()) / 2;
    vigil.callOffSecondGet = clock.after(halfMs, () => void this.#ask(vigil));
    return vigil;
  }

  async #ask(vigil: Vigil): Promise<void> {
    if (vigil.isAsking || !this.#mayGet()) return;
    vigil.isAsking = true;
    const { namespace, name } = vigil.ref;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}`;
    const reply = await this.#options.client.get(path, { timeoutMs: getMs, signal: vigil.over.signal });
    vigil.isAsking = false;
    if (!vigil.over.signal.aborted) this.#told(vigil, reply);
  }

  #told(vigil: Vigil, reply: KubeReply | KubeFailure): void {
    const { isPatient, log, read } = this.#options;
    if (isAccount(reply)) learn(vigil, read(reply.body));
    else if (reply.kind === 'reply' && reply.status === 404) {
      vigil.known = missingFacts;
      if (!isPatient) settle(vigil, missingFacts);
    } else {
      vigil.known ??= unavailableFacts;
      log.verbose(2, 'A service account could not be asked for', { ...vigil.ref, reason: statusOfReply(reply).reason });
    }
  }

  #close(vigil: Vigil): void {
    const key = keyOf(vigil.ref);
    this.#vigils.delete(key);
    vigil.callOffSecondGet();
    vigil.over.abort();
    if (vigil.known === missingFacts) this.#rememberMissing(key);
  }

  #rememberMissing(key: string): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [oldest, untilMs] of this.#missingUntil) {
      if (untilMs > nowMs) break;
      this.#missingUntil.delete(oldest);
    }
    this.#missingUntil.delete(key);
    this.#missingUntil.set(key, nowMs + missingMs);
  }
}

/** Takes what is known of an account now; that is the answer unless it may still get a role. */
function learn(vigil: Vigil, { facts, youngUntilMs }: IndexedAccount): void {
  vigil.known = { ...facts, outcome: 'live' };
  if (youngUntilMs === undefined) settle(vigil, vigil.known);
}

function settle(vigil: Vigil, facts: IdentityFacts): void {
  for (const answer of vigil.waiters) answer(facts);
}

function isAccount(reply: KubeReply | KubeFailure): reply is KubeReply & { readonly body: KubeObject } {
  const isFound = reply.kind === 'reply' && reply.status === 200;
  return isFound && typeof (reply.body as Partial<KubeObject> | null)?.metadata?.name === 'string';
}
