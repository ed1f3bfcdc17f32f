/** IO, Kubernetes: what is kept of every service account, as little as possible. Talks to nobody. */
import type { Annotations, IdentityFacts, ServiceAccountRef } from '../../core/types.ts';
import type { Clock } from '../../ports.ts';
import type { ObjectHandler } from './feed.ts';
import type { KubeObject } from './watch-event.ts';

export interface AccountIndexOptions {
  /** Says whether an annotation is ours or nearly so; the others are not kept. */
  readonly isRelevant: (annotation: string) => boolean;
  /** The annotation without which an account may still get one. */
  readonly roleAnnotation: string;
  /** How long after its creation an account without a role may still get one, in milliseconds. */
  readonly youthMs: number;
  readonly clock: Clock;
  /** Is told of every account that is added or changed. */
  readonly onPut: (key: string, account: IndexedAccount) => void;
}

/** What is known of one account. */
export interface IndexedAccount {
  readonly facts: IdentityFacts;
  /** Until when it may still get a role, on the monotonic scale; undefined when it has one or is too old. */
  readonly youngUntilMs: number | undefined;
}

/** All service accounts. While a new state is built beside the old one, both are looked at. */
export interface AccountIndex extends ObjectHandler {
  find(key: string): IndexedAccount | undefined;
  /** Returns what is to be known of an account that is not in the index. */
  read(object: KubeObject): IndexedAccount;
  /** Whether a whole state is there. */
  readonly isComplete: boolean;
  forget(): void;
  snapshot(): ReadonlyMap<string, IdentityFacts>;
}

/** The facts of every account that has no annotation of ours: four of five of them, so they share one object. */
const plainFacts: IdentityFacts = Object.freeze({ outcome: 'cached', annotations: Object.freeze({}) });

/** Creation times are whole seconds, rounded down. */
const creationGranularityMs = 1000;

/** Returns the key of an account in the index. */
export function keyOf({ namespace, name }: ServiceAccountRef): string {
  return `${namespace}/${name}`;
}

/** Returns an index without accounts. */
export function createAccountIndex(options: AccountIndexOptions): AccountIndex {
  const { clock, youthMs, roleAnnotation, onPut } = options;
  let current = new Map<string, IdentityFacts>();
  let next: Map<string, IdentityFacts> | undefined;
  let isComplete = false;
  /** Accounts that may still get a role, in the order of their discovery. Few: each stays for the youth only. */
  const youngUntil = new Map<string, number>();

  function find(key: string): IndexedAccount | undefined {
    const facts = next?.get(key) ?? current.get(key);
    return facts && { facts, youngUntilMs: stillYoung(youngUntil.get(key)) };
  }

  function stillYoung(untilMs: number | undefined): number | undefined {
    return untilMs !== undefined && untilMs > clock.monotonicMs() ? untilMs : undefined;
  }

  function read({ metadata }: KubeObject): IndexedAccount {
    const facts = factsOf(metadata.annotations, options.isRelevant);
    if (facts.annotations[roleAnnotation] !== undefined) return { facts, youngUntilMs: undefined };
    const ageMs = clock.nowMs() - Date.parse(metadata.creationTimestamp ?? '') - creationGranularityMs;
    return { facts, youngUntilMs: stillYoung(clock.monotonicMs() + youthMs - Math.max(0, ageMs)) };
  }

  /** An account that the watch brings is as new as its arrival, whatever the two clocks say of its creation. */
  function readPut(key: string, object: KubeObject): IndexedAccount {
    const account = read(object);
    if (account.facts.annotations[roleAnnotation] !== undefined) return account;
    const isNew = next === undefined && !current.has(key);
    const untilMs = isNew ? clock.monotonicMs() + youthMs : (youngUntil.get(key) ?? account.youngUntilMs);
    return { facts: account.facts, youngUntilMs: stillYoung(untilMs) };
  }

  function rememberYouth(key: string, untilMs: number | undefined): void {
    for (const [oldest, endMs] of youngUntil) {
      if (endMs > clock.monotonicMs()) break;
      youngUntil.delete(oldest);
    }
    if (untilMs === undefined) youngUntil.delete(key);
    else youngUntil.set(key, untilMs);
  }

  return {
    find,
    read,
    begin() {
      next = new Map();
    },
    put(object) {
      const key = flat(keyOf(refOf(object)));
      const account = readPut(key, object);
      (next ?? current).set(key, account.facts);
      rememberYouth(key, account.youngUntilMs);
      onPut(key, account);
    },
    delete(object) {
      const key = keyOf(refOf(object));
      current.delete(key);
      next?.delete(key);
      youngUntil.delete(key);
    },
    commit() {
      current = next ?? current;
      next = undefined;
      isComplete = true;
    },
    forget() {
      current = new Map();
      next = undefined;
      isComplete = false;
      youngUntil.clear();
    },
    snapshot: () => new Map(current),
    get size() {
      return current.size;
    },
    get isComplete() {
      return isComplete;
    },
  };
}

function refOf({ metadata }: KubeObject): ServiceAccountRef {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

function factsOf(all: Annotations | null | undefined, isRelevant: (key: string) => boolean): IdentityFacts {
  const ours = Object.entries(all ?? {}).filter(([key]) => isRelevant(key));
  return ours.length === 0 ? plainFacts : { outcome: 'cached', annotations: Object.fromEntries(ours) };
}

/** V8 keeps a joined text as a tree of its parts, three times the size; one that was read from bytes is flat. Names are ASCII. */
function flat(key: string): string {
  return Buffer.from(key, 'latin1').toString('latin1');
}
