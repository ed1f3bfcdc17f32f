/** IO, Kubernetes: the identity source that follows all service accounts. Keeps annotations as they are; core judges them. */
import { access } from '../../../contract/access.ts';
import type { IdentityFacts, ServiceAccountRef } from '../../core/types.ts';
import type { Clock, IdentitySource, Log, Metrics, Random } from '../../ports.ts';
import { createAccountIndex, type IndexedAccount, keyOf } from './account-index.ts';
import type { KubeClient } from './client.ts';
import { createLiveLookups, missingFacts, timedOutFacts } from './live-lookups.ts';
import { createReflector } from './reflector.ts';

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
}

/** Returns a source that answers from its cache, and waits where the cache cannot know. @see behaviour.md section 6 */
export function createServiceAccountSource(options: ServiceAccountSourceOptions): IdentitySource {
  const { client, clock, graceMs, metrics } = options;
  const index = createAccountIndex({
    ...options,
    youthMs: graceMs,
    onPut: (key, account) => lookups.seen(key, account),
  });
  const log = options.log.for('io/kube/service-accounts');
  const lookups = createLiveLookups({ client, clock, log, isPatient: graceMs > 0, read: index.read });
  const reflector = createReflector({
    ...options,
    path: '/api/v1/serviceaccounts',
    access: access.serviceAccounts,
    handler: index,
  });
  let wasComplete = false;

  async function waitFor(
    ref: ServiceAccountRef,
    untilMs: number,
    account: IndexedAccount | undefined,
  ): Promise<IdentityFacts> {
    const startMs = clock.monotonicMs();
    const facts = await lookups.wait(ref, untilMs, account);
    metrics.looked(facts.outcome, (clock.monotonicMs() - startMs) / 1000);
    return facts;
  }

  return {
    lookup(ref, deadlineMs) {
      const key = keyOf(ref);
      const account = index.find(key);
      if (account && account.youngUntilMs === undefined) return account.facts;
      const cached = account?.facts;
      const isImpatient = graceMs === 0;
      if (isImpatient && index.isComplete) return answerAtOnce(missingFacts);
      if (!account && lookups.isKnownMissing(key)) return answerAtOnce(missingFacts);
      const nowMs = clock.monotonicMs();
      const untilMs = Math.min(
        deadlineMs,
        account?.youngUntilMs ?? deadlineMs,
        isImpatient ? deadlineMs : nowMs + graceMs,
      );
      return untilMs > nowMs ? waitFor(ref, untilMs, account) : (cached ?? answerAtOnce(timedOutFacts));
    },
    readiness() {
      wasComplete ||= index.isComplete;
      if (wasComplete) return undefined;
      const fault = reflector.lastFault();
      return `service accounts: first list not complete${fault === undefined ? '' : `, last error: ${fault}`}`;
    },
    start: () => reflector.start(),
    stop() {
      reflector.stop();
      lookups.clear();
    },
    snapshot: () => index.snapshot(),
    clear() {
      wasComplete ||= index.isComplete;
      index.forget();
      lookups.clear();
      reflector.restart();
    },
  };

  function answerAtOnce(facts: IdentityFacts): IdentityFacts {
    metrics.looked(facts.outcome, 0);
    return facts;
  }
}
