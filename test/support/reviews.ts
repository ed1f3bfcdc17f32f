/** Builds AdmissionReviews and settings for tests, and sends them through the pipeline. */
import { type Config, flags } from '../../contract/flags.ts';
import type { IdentityFacts } from '../../server/core/types.ts';
import { createPipeline } from '../../server/pipeline.ts';

/** Every flag at its fallback. */
export const settings = Object.fromEntries(
  Object.entries(flags).map(([key, { fallback }]) => [key, fallback]),
) as unknown as Config;

/** The role of the seed's example. */
export const roleArn = 'arn:aws:iam::111122223333:role/s3-reader';

/** What the cache knows of a service account with that role. */
export const facts: IdentityFacts = { outcome: 'cached', annotations: { 'eks.amazonaws.com/role-arn': roleArn } };

/** Returns the review of the creation of a pod; `request` replaces or adds fields of the request. */
export function review(pod: unknown, request: Readonly<Record<string, unknown>> = {}) {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace: 'shop',
      object: pod,
      ...request,
    },
  };
}

/** What a test may say of the world; the rest is the fallback. */
export interface World {
  readonly facts?: IdentityFacts;
  readonly settings?: Partial<Config>;
  readonly random?: number;
}

/** Sends a body through a pipeline to which every service account is the same. */
export function send(body: unknown, world: World = {}) {
  const pipeline = createPipeline(
    { ...settings, ...world.settings },
    { identities: { lookup: () => world.facts ?? facts }, random: () => world.random ?? 0 },
  );
  return pipeline(body, 0);
}

/** Sends a body that is a review, and returns the answer. */
export async function answerTo(body: unknown, world: World = {}) {
  const answer = await send(body, world);
  if ('code' in answer) throw new Error(answer.text);
  return answer;
}
