/** The one-way flow of a review: decode, look up, resolve, plan, mutate, reply. Knows no HTTP. */
import {
  clip,
  longestName,
  type Reason,
  type RequestFault,
  type Warning,
  type WarningCode,
  warn,
} from './core/faults.ts';
import { accountName, type IdentitySettings } from './core/identity.ts';
import { mutatePod } from './core/mutate.ts';
import { mirrorAnnotation, skipLabel } from './core/names.ts';
import type { Operation } from './core/patch.ts';
import { type Plan, planPod } from './core/plan.ts';
import { allow, type Reply } from './core/reply.ts';
import { createResolver } from './core/resolver.ts';
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
  /** The JSON of values in the patch that many patches share. */
  readonly texts?: ReadonlyMap<unknown, string> | undefined;
  readonly reason: Reason;
  readonly method: string;
  /** What the log line names; never content of the pod. It is the reader's to add to. */
  readonly fields: Fields;
}

type Fields = Record<string, LogFields[string]>;

/** Answers one review, or says what is wrong with it. `deadlineMs` is on the clock's monotonic scale. */
export type Pipeline = (body: unknown, deadlineMs: number) => Promise<Answer | RequestFault>;

/** Returns the pipeline with these settings. */
export function createPipeline(settings: IdentitySettings, { identities, random }: PipelinePorts): Pipeline {
  const resolve = createResolver(settings, random);
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
    const excluded = exclusion(pod);
    if (excluded) return unchanged(review, excluded, { fields });
    const looked = identities.lookup(account, deadlineMs);
    const facts = looked instanceof Promise ? await looked : looked;
    const { granted, usual, warnings } = resolve(pod, account, facts);
    if (granted === undefined) return withoutIdentity(review, { facts, account, warnings, fields });
    return equip(review, planPod(pod, granted, usual), { warnings, fields, texts: usual?.texts });
  };
}

function exclusion({ metadata }: Pod): Reason | undefined {
  if (Object.hasOwn(metadata?.labels ?? {}, skipLabel)) return 'SKIP_LABEL';
  return Object.hasOwn(metadata?.annotations ?? {}, mirrorAnnotation) ? 'MIRROR_POD' : undefined;
}

type PodReview = Extract<Review, { readonly kind: 'pod-creation' }>;

function equip(
  review: PodReview,
  plan: Plan,
  { warnings, fields, texts }: Required<Pick<Details, 'warnings' | 'fields' | 'texts'>>,
): Answer {
  const { patch, chosen, warnings: found } = mutatePod(review.pod, plan);
  const reason = chosen === 0 ? 'NO_CONTAINERS' : patch.length === 0 ? 'COMPLETE' : 'MUTATED';
  const { roleArn, method } = plan.identity;
  fields.role = roleArn && clip(roleArn, longestName);
  fields.containers = chosen;
  return answer(review, reason, {
    fields,
    warnings: found.length > 0 ? [...warnings, ...found] : warnings,
    method,
    patch,
    texts,
  });
}

const lookupReasons = {
  missing: 'ACCOUNT_MISSING',
  'timed-out': 'LOOKUP_TIMED_OUT',
  unavailable: 'LOOKUP_UNAVAILABLE',
} as const satisfies Partial<Record<IdentityFacts['outcome'], Reason & WarningCode>>;

interface NoIdentity extends Required<Pick<Details, 'warnings' | 'fields'>> {
  readonly facts: IdentityFacts;
  readonly account: ServiceAccountRef;
}

function withoutIdentity(review: PodReview, { facts, account, warnings, fields }: NoIdentity): Answer {
  if (facts.outcome === 'cached' || facts.outcome === 'live')
    return unchanged(review, 'NO_IDENTITY', { fields, warnings });
  const reason = lookupReasons[facts.outcome];
  return unchanged(review, reason, { fields, warnings: [...warnings, warn(reason, accountName(account))] });
}

interface Details {
  readonly fields?: Fields;
  readonly warnings?: readonly Warning[];
  readonly method?: string;
  readonly patch?: readonly Operation[];
  readonly texts?: Answer['texts'];
}

const unchanged = (review: Review, reason: Reason, details: Details = {}): Answer => answer(review, reason, details);

function answer(
  review: Review,
  reason: Reason,
  { fields = {}, warnings = [], method = 'none', patch = [], texts }: Details,
): Answer {
  if (warnings.length > 0) fields.warnings = [...new Set(warnings.map(({ code }) => code))];
  if (review.isDryRun) fields.dryRun = true;
  fields.uid = clip(review.uid, longestName);
  return { reply: allow(review, patch, warnings), reason, method, fields, texts };
}

function accountOf(namespace: string, pod: Pod): ServiceAccountRef {
  return { namespace, name: pod.spec.serviceAccountName || 'default' };
}

function describe(namespace: string, pod: Pod, account: ServiceAccountRef): Fields {
  const { name, generateName } = pod.metadata ?? {};
  const podName = name || (generateName ? `${generateName}*` : '');
  return { namespace, pod: clip(podName, longestName), serviceAccount: account.name };
}
