/** IO, Kubernetes: what is kept of every service account, as little as possible. Talks to nobody. */
import type { Annotations, IdentityFacts, ServiceAccountRef } from '../../core/types.ts';
import type { Clock, OnState } from '../../ports.ts';
import { AccountMap, keyOf, plainFacts } from './account-map.ts';
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
  readonly onState: OnState;
}

/** What is known of one account. */
export interface IndexedAccount {
  readonly facts: IdentityFacts;
  /** Until when it may still get a role, on the monotonic scale; undefined when it has one or is too old. */
  readonly youngUntilMs: number | undefined;
}

/** Creation times are whole seconds, rounded down. */
const creationGranularityMs = 1000;

/** Of times as the API server writes them, in UTC; of two such texts the earlier time is the lesser. */
const utcLength = 'yyyy-mm-ddThh:mm:ssZ'.length;

/** All service accounts. While a new state is built beside the old one, both are looked at. */
export class AccountIndex implements ObjectHandler {
  readonly #options: AccountIndexOptions;
  #current = new AccountMap();
  #next: AccountMap | undefined;
  #isComplete = false;
  /** Accounts that may still get a role, in the order of their discovery. Few: each stays for its youth only. */
  readonly #youngUntil = new Map<string, number>();
  /** What was created before is too old for a role, and no clock need be read. Each state moves it on. */
  #oldBefore = '';

  constructor(options: AccountIndexOptions) {
    this.#options = options;
  }

  /** Whether a whole state is there. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get size(): number {
    return this.#current.size;
  }

  find(key: string): IndexedAccount | undefined {
    const facts = this.#next?.get(key) ?? this.#current.get(key);
    return facts && { facts, youngUntilMs: this.#stillYoung(this.#youthEndMs(key)) };
  }

  /** Returns what is to be known of an account that need not be in the index. */
  read({ metadata }: KubeObject): IndexedAccount {
    const { clock, youthMs, isRelevant } = this.#options;
    const facts = factsOf(metadata.annotations, isRelevant);
    if (this.#isOld(metadata.creationTimestamp) || this.#hasRole(facts)) return { facts, youngUntilMs: undefined };
    const ageMs = clock.nowMs() - Date.parse(metadata.creationTimestamp ?? '') - creationGranularityMs;
    return { facts, youngUntilMs: this.#stillYoung(clock.monotonicMs() + youthMs - Math.max(0, ageMs)) };
  }

  begin(): void {
    const { clock, youthMs } = this.#options;
    this.#next = new AccountMap();
    this.#oldBefore = utcText(clock.nowMs() - youthMs - creationGranularityMs);
  }

  put(object: KubeObject): void {
    const key = keyOf(refOf(object));
    const account = this.#readPut(key, object);
    (this.#next ?? this.#current).set(key, account.facts);
    this.#rememberYouth(key, account.youngUntilMs);
    this.#options.onPut(key, account);
  }

  delete(object: KubeObject): void {
    const key = keyOf(refOf(object));
    this.#current.delete(key);
    this.#next?.delete(key);
    this.#youngUntil.delete(key);
  }

  commit(): void {
    this.#current = this.#next ?? this.#current;
    this.#next = undefined;
    if (this.#isComplete) return;
    this.#isComplete = true;
    this.#options.onState();
  }

  forget(): void {
    this.#current = new AccountMap();
    this.#next = undefined;
    this.#isComplete = false;
    this.#youngUntil.clear();
  }

  snapshot(): ReadonlyMap<string, IdentityFacts> {
    return new Map(this.#current);
  }

  /** An account that the watch brings is as new as its arrival, whatever the two clocks say of its creation. */
  #readPut(key: string, object: KubeObject): IndexedAccount {
    const account = this.read(object);
    const { facts } = account;
    if (this.#hasRole(facts)) return account;
    const { clock, youthMs } = this.#options;
    const isNew = this.#next === undefined && !this.#current.has(key);
    if (isNew) return { facts, youngUntilMs: this.#stillYoung(clock.monotonicMs() + youthMs) };
    const knownUntilMs = this.#youthEndMs(key);
    return knownUntilMs === undefined ? account : { facts, youngUntilMs: this.#stillYoung(knownUntilMs) };
  }

  #hasRole(facts: IdentityFacts): boolean {
    return facts !== plainFacts && facts.annotations[this.#options.roleAnnotation] !== undefined;
  }

  #isOld(creationTime = ''): boolean {
    return creationTime.length === utcLength && creationTime.endsWith('Z') && creationTime < this.#oldBefore;
  }

  #stillYoung(untilMs: number | undefined): number | undefined {
    return untilMs !== undefined && untilMs > this.#options.clock.monotonicMs() ? untilMs : undefined;
  }

  /** Asks the map only when there is something in it, for the reason that AccountMap gives. */
  #youthEndMs(key: string): number | undefined {
    return this.#youngUntil.size > 0 ? this.#youngUntil.get(key) : undefined;
  }

  #rememberYouth(key: string, untilMs: number | undefined): void {
    if (untilMs === undefined && this.#youngUntil.size === 0) return;
    for (const [oldest, endMs] of this.#youngUntil) {
      if (endMs > this.#options.clock.monotonicMs()) break;
      this.#youngUntil.delete(oldest);
    }
    if (untilMs !== undefined) this.#youngUntil.set(key, untilMs);
    else this.#youngUntil.delete(key);
  }
}

function refOf({ metadata }: KubeObject): ServiceAccountRef {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

function factsOf(all: Annotations | null | undefined, isRelevant: (key: string) => boolean): IdentityFacts {
  if (!all) return plainFacts;
  const ours = Object.entries(all).filter(([key]) => isRelevant(key));
  return ours.length === 0 ? plainFacts : { outcome: 'cached', annotations: Object.fromEntries(ours) };
}

function utcText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, utcLength - 1)}Z`;
}
