/** The one-way flow of a review: decode, look up, resolve, plan, mutate, diff, reply. Knows no HTTP. */
import { type Reason, type RequestFault, type Warning, type WarningCode, warn } from './core/faults.ts';
import { accountName, type IdentitySettings, type Resolution, resolveIdentity } from './core/identity.ts';
import { mutatePod } from './core/mutate.ts';
import { skipLabel } from './core/names.ts';
import { diffPods, type Operation } from './core/patch.ts';
import { planPod } from './core/plan.ts';
import { allow, type Reply } from './core/reply.ts';
import { decodeReview, type Review } from './core/review.ts';
import type { IdentityFacts, Pod, ServiceAccountRef } from './core/types.ts';
import type { IdentitySource, LogFields, Random } from './ports.ts';

/** What the pipeline needs of the world. */
export interface PipelinePorts {
  readonly identities: Pick<IdentitySource, 'lookup'>;
  readonly random: Random;
}

/** A review that was answered, and why as it was. */
export interface Answer {
  readonly reply: Reply;
  readonly reason: Reason;
  readonly method: string;
  /** What the log line names; never content of the pod. */
  readonly fields: LogFields;
}

/** Answers one review, or says what is wrong with it. `deadlineMs` is on the clock's monotonic scale. */
export type Pipeline = (body: unknown, deadlineMs: number) => Promise<Answer | RequestFault>;

/** Returns the pipeline with these settings. */
export function createPipeline(settings: IdentitySettings, { identities, random }: PipelinePorts): Pipeline {
  return async (body, deadlineMs) => {
    const review = decodeReview(body);
    if (!('kind' in review)) return review;
    if (review.kind === 'other') return unchanged(review, 'NOT_A_POD_CREATION');
    if (review.kind === 'malformed-pod') {
      return unchanged(review, 'POD_MALFORMED', { fields: { field: review.problem.field, rule: review.problem.rule } });
    }
    const { pod } = review;
    const account = accountOf(review.namespace, pod);
    const fields = describe(review.namespace, pod, account);
    if (pod.metadata?.labels && Object.hasOwn(pod.metadata.labels, skipLabel))
      return unchanged(review, 'SKIP_LABEL', { fields });
    const looked = identities.lookup(account, deadlineMs);
    const facts = looked instanceof Promise ? await looked : looked;
    const resolution = resolveIdentity({ pod, account, facts, settings, random: random() });
    return resolution.identity
      ? equip(review, resolution, fields)
      : withoutIdentity(review, { facts, account, resolution, fields });
  };
}

type PodReview = Extract<Review, { readonly kind: 'pod-creation' }>;

function equip(review: PodReview, { identity, choice, warnings }: Resolution, fields: LogFields): Answer {
  if (identity === undefined) return unchanged(review, 'NO_IDENTITY', { fields, warnings });
  const plan = planPod(review.pod, identity, choice);
  const mutation = mutatePod(review.pod, plan);
  const patch = diffPods(review.pod, mutation.pod);
  const reason = mutation.chosen === 0 ? 'NO_CONTAINERS' : patch.length === 0 ? 'COMPLETE' : 'MUTATED';
  return answer(review, reason, {
    fields: { ...fields, role: identity.roleArn, containers: mutation.chosen },
    warnings: [...warnings, ...mutation.warnings],
    method: identity.method,
    patch,
  });
}

const lookupReasons = {
  missing: 'ACCOUNT_MISSING',
  'timed-out': 'LOOKUP_TIMED_OUT',
  unavailable: 'LOOKUP_UNAVAILABLE',
} as const satisfies Partial<Record<IdentityFacts['outcome'], Reason & WarningCode>>;

interface NoIdentity {
  readonly facts: IdentityFacts;
  readonly account: ServiceAccountRef;
  readonly resolution: Resolution;
  readonly fields: LogFields;
}

function withoutIdentity(review: PodReview, { facts, account, resolution, fields }: NoIdentity): Answer {
  const { warnings } = resolution;
  if (facts.outcome === 'cached' || facts.outcome === 'live')
    return unchanged(review, 'NO_IDENTITY', { fields, warnings });
  const reason = lookupReasons[facts.outcome];
  return unchanged(review, reason, { fields, warnings: [...warnings, warn(reason, accountName(account))] });
}

interface Details {
  readonly fields?: LogFields;
  readonly warnings?: readonly Warning[];
  readonly method?: string;
  readonly patch?: readonly Operation[];
}

const unchanged = (review: Review, reason: Reason, details: Details = {}): Answer => answer(review, reason, details);

function answer(
  review: Review,
  reason: Reason,
  { fields, warnings = [], method = 'none', patch = [] }: Details,
): Answer {
  const codes = warnings.map(({ code }) => code);
  return {
    reply: allow(review, patch, warnings),
    reason,
    method,
    fields: {
      ...fields,
      ...(codes.length > 0 && { warnings: codes }),
      ...(review.isDryRun && { dryRun: true }),
      uid: review.uid,
    },
  };
}

function accountOf(namespace: string, pod: Pod): ServiceAccountRef {
  return { namespace, name: pod.spec.serviceAccountName || 'default' };
}

function describe(namespace: string, pod: Pod, account: ServiceAccountRef): LogFields {
  const { name, generateName } = pod.metadata ?? {};
  return { namespace, pod: String(name ?? (generateName ? `${generateName}*` : '')), serviceAccount: account.name };
}
