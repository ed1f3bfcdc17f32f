/** IO, Kubernetes: waits for service accounts that the cache does not know well enough, with at most one GET at a time each. Keeps no accounts. */
import type { IdentityFacts, ServiceAccountRef } from '../../core/types.ts';
import type { Clock, Log } from '../../ports.ts';
import { type IndexedAccount, keyOf } from './account-index.ts';
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

export interface LiveLookups {
  /**
   * Resolves to what the watch or a GET says of the account; by the deadline to what is known then.
   * @param account what is cached of it; undefined: nothing, so it is asked for at once
   */
  wait(ref: ServiceAccountRef, deadlineMs: number, account: IndexedAccount | undefined): Promise<IdentityFacts>;
  /** Takes the word of the watch. */
  seen(key: string, account: IndexedAccount): void;
  /** Whether the API server has said a moment ago that there is no such account, and nobody waits for it. */
  isKnownMissing(key: string): boolean;
  /** Answers all that wait, and forgets what is missing. */
  clear(): void;
}

/** A cluster-wide burst of new accounts must not become a burst of requests: the watch brings them all anyway. */
const getsPerSecond = 100;
const getsBurst = 200;

/** A GET is given up with its last waiter; this is for waits that are longer than any registration's timeout. */
const getMs = 10_000;

/** How long "not found" is believed. The watch ends it sooner when the account is created. */
export const missingMs = 2000;

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

/** Returns lookups that wait for nothing yet. */
export function createLiveLookups({ client, clock, log, isPatient, read }: LiveLookupsOptions): LiveLookups {
  const vigils = new Map<string, Vigil>();
  const missingUntil = new Map<string, number>();
  const mayGet = createTokenBucket({ perSecond: getsPerSecond, burst: getsBurst, clock });

  function open(ref: ServiceAccountRef, deadlineMs: number, account: IndexedAccount | undefined): Vigil {
    const over = new AbortController();
    const known = account && { ...account.facts, outcome: 'live' as const };
    const vigil: Vigil = { ref, waiters: new Set(), over, known, isAsking: false, callOffSecondGet: () => {} };
    vigils.set(keyOf(ref), vigil);
    if (!account) void ask(vigil);
    // The watch is the quicker one as a rule; if it is deaf, half of the time is left for an answer.
    const halfMs = (deadlineMs - clock.monotonicMs()) / 2;
    vigil.callOffSecondGet = clock.after(halfMs, () => void ask(vigil));
    return vigil;
  }

  async function ask(vigil: Vigil): Promise<void> {
    if (vigil.isAsking || !mayGet()) return;
    vigil.isAsking = true;
    const { namespace, name } = vigil.ref;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}`;
    const reply = await client.get(path, { timeoutMs: getMs, signal: vigil.over.signal });
    vigil.isAsking = false;
    if (!vigil.over.signal.aborted) told(vigil, reply);
  }

  function told(vigil: Vigil, reply: KubeReply | KubeFailure): void {
    if (isAccount(reply)) learn(vigil, read(reply.body));
    else if (reply.kind === 'reply' && reply.status === 404) {
      vigil.known = missingFacts;
      if (!isPatient) settle(vigil, missingFacts);
    } else {
      vigil.known ??= unavailableFacts;
      log.verbose(2, 'A service account could not be asked for', { ...vigil.ref, reason: statusOfReply(reply).reason });
    }
  }

  function learn(vigil: Vigil, { facts, youngUntilMs }: IndexedAccount): void {
    vigil.known = { ...facts, outcome: 'live' };
    if (youngUntilMs === undefined) settle(vigil, vigil.known);
  }

  function settle(vigil: Vigil, facts: IdentityFacts): void {
    for (const answer of vigil.waiters) answer(facts);
  }

  function close(vigil: Vigil): void {
    const key = keyOf(vigil.ref);
    vigils.delete(key);
    vigil.callOffSecondGet();
    vigil.over.abort();
    if (vigil.known === missingFacts) rememberMissing(key);
  }

  function rememberMissing(key: string): void {
    for (const [oldest, untilMs] of missingUntil) {
      if (untilMs > clock.monotonicMs()) break;
      missingUntil.delete(oldest);
    }
    missingUntil.delete(key);
    missingUntil.set(key, clock.monotonicMs() + missingMs);
  }

  return {
    wait(ref, deadlineMs, account) {
      const vigil = vigils.get(keyOf(ref)) ?? open(ref, deadlineMs, account);
      return new Promise((resolve) => {
        const answer = (facts: IdentityFacts) => {
          callOff();
          vigil.waiters.delete(answer);
          if (vigil.waiters.size === 0) close(vigil);
          resolve(facts);
        };
        const callOff = clock.after(deadlineMs - clock.monotonicMs(), () => answer(vigil.known ?? timedOutFacts));
        vigil.waiters.add(answer);
      });
    },
    seen(key, account) {
      missingUntil.delete(key);
      const vigil = vigils.get(key);
      if (vigil) learn(vigil, account);
    },
    isKnownMissing: (key) => !vigils.has(key) && (missingUntil.get(key) ?? 0) > clock.monotonicMs(),
    clear() {
      for (const vigil of vigils.values()) settle(vigil, vigil.known ?? unavailableFacts);
      missingUntil.clear();
    },
  };
}

function isAccount(reply: KubeReply | KubeFailure): reply is KubeReply & { readonly body: KubeObject } {
  const isFound = reply.kind === 'reply' && reply.status === 200;
  return isFound && typeof (reply.body as Partial<KubeObject> | null)?.metadata?.name === 'string';
}
