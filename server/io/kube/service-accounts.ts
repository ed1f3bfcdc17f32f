/** IO, Kubernetes: the identity source that follows all service accounts. Keeps annotations as they are; core judges them. */
import { access } from '../../../contract/access.ts';
import type { IdentityFacts, ServiceAccountRef } from '../../core/types.ts';
import type { Clock, IdentitySource, Log, Metrics, OnState, Random, Readiness } from '../../ports.ts';
import { AccountIndex, type IndexedAccount } from './account-index.ts';
import { keyOf } from './account-map.ts';
import type { KubeClient } from './client.ts';
import { LiveLookups, missingFacts, timedOutFacts } from './live-lookups.ts';
import { createReflector, type Reflector } from './reflector.ts';
import { decodeMetadataEvent, type KubeObject } from './watch-event.ts';

export interface ServiceAccountSourceOptions {
  readonly client: KubeClient;
  /** Says whether an annotation is ours or nearly so. */
  readonly isRelevant: (annotation: string) => boolean;
  /** The annotation that gives a role, as `eks.amazonaws.com/role-arn`. */
  readonly roleAnnotation: string;
  /** How long a lookup may wait for an account that is not cached, or is but has just been made without a role, in milliseconds; 0: not at all. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onState: OnState;
}

/** Answers from its cache, and waits where the cache cannot know. @see behaviour.md section 6 */
class ServiceAccountSource implements IdentitySource {
  readonly #options: ServiceAccountSourceOptions;
  readonly #index: AccountIndex;
  readonly #lookups: LiveLookups;
  readonly #reflector: Reflector;
  #wasComplete = false;

  constructor(options: ServiceAccountSourceOptions) {
    const { client, clock, graceMs } = options;
    const onPut = (key: string, account: IndexedAccount) => this.#lookups.seen(key, account);
    const log = options.log.for('io/kube/service-accounts');
    const read = (object: KubeObject) => this.#index.read(object);
    this.#options = options;
    this.#index = new AccountIndex({ ...options, youthMs: graceMs, onPut });
    this.#lookups = new LiveLookups({ client, clock, log, isPatient: graceMs > 0, read });
    this.#reflector = createReflector({
      ...options,
      path: '/api/v1/serviceaccounts',
      access: access.serviceAccounts,
      decode: decodeMetadataEvent,
      handler: this.#index,
    });
  }

  readonly readiness: Readiness = () => {
    this.#wasComplete ||= this.#index.isComplete;
    if (this.#wasComplete) return undefined;
    const fault = this.#reflector.lastFault();
    return `service accounts: first list not complete${fault === undefined ? '' : `, last error: ${fault}`}`;
  };

  lookup(ref: ServiceAccountRef, deadlineMs: number): IdentityFacts | Promise<IdentityFacts> {
    const key = keyOf(ref);
    const account = this.#index.find(key);
    if (account && account.youngUntilMs === undefined) return account.facts;
    if (!account && this.#isMissing(key)) return this.#atOnce(missingFacts);
    const untilMs = this.#waitEndMs(deadlineMs, account);
    if (untilMs > this.#options.clock.monotonicMs()) return this.#wait(ref, untilMs, account);
    return account?.facts ?? this.#atOnce(timedOutFacts);
  }

  start(): void {
    this.#reflector.start();
  }

  stop(): void {
    this.#reflector.stop();
    this.#lookups.clear();
  }

  snapshot(): ReadonlyMap<string, IdentityFacts> {
    return this.#index.snapshot();
  }

  clear(): void {
    this.#wasComplete ||= this.#index.isComplete;
    this.#index.forget();
    this.#lookups.clear();
    this.#reflector.restart();
  }

  #isMissing(key: string): boolean {
    return (this.#options.graceMs === 0 && this.#index.isComplete) || this.#lookups.isKnownMissing(key);
  }

  /** Without a grace period only the deadline bounds the lookups before the first list. */
  #waitEndMs(deadlineMs: number, account: IndexedAccount | undefined): number {
    const { graceMs, clock } = this.#options;
    const graceEndMs = graceMs === 0 ? deadlineMs : clock.monotonicMs() + graceMs;
    return Math.min(deadlineMs, graceEndMs, account?.youngUntilMs ?? deadlineMs);
  }

  async #wait(ref: ServiceAccountRef, untilMs: number, account?: IndexedAccount): Promise<IdentityFacts> {
    const { clock, metrics } = this.#options;
    const startMs = clock.monotonicMs();
    const facts = await this.#lookups.wait(ref, untilMs, account);
    metrics.looked(facts.outcome, (clock.monotonicMs() - startMs) / 1000);
    return facts;
  }

  #atOnce(facts: IdentityFacts): IdentityFacts {
    this.#options.metrics.looked(facts.outcome, 0);
    return facts;
  }
}

/** Returns a source that has not begun to follow. */
export function createServiceAccountSource(options: ServiceAccountSourceOptions): IdentitySource {
  return new ServiceAccountSource(options);
}
