/** Fuzz: the reviews that mutations begin with, of pods of several shapes. Breaks nothing. */
import { sample } from '../../../bench/reviews.ts';
import { modernSpec } from '../../cluster/modern-pod.ts';
import type { Dice } from './dice.ts';

/** JSON that a mutator may change. */
export type Json = Record<string, unknown>;

/** Stands in values that nobody may repeat, in a log line or an answer to anything else. */
export const secret = 'hunter2-of-the-fuzz-suite';

const path = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
const env = [{ name: 'PASSWORD', value: secret }];

const token = (audience: string) => ({ serviceAccountToken: { audience, expirationSeconds: 3600, path: 'token' } });

/** What is in the way of what the webhook adds. */
const crowded = {
  metadata: {
    name: 'crowded',
    annotations: {
      'eks.amazonaws.com/skip-containers': 'proxy, "log,ger"',
      'eks.amazonaws.com/token-expiration': '7200',
      'eks.amazonaws.com/rolearn': 'x',
    },
    labels: { app: 'crowded' },
  },
  spec: {
    containers: [
      { name: 'app', env, volumeMounts: [{ name: 'data', mountPath: path }] },
      { name: 'proxy', env },
      { name: 'own', env: [...env, { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/own' }] },
      { name: 'log,ger', volumeMounts: [{ name: 'vault', mountPath: `${path}//`, subPath: '' }] },
    ],
    volumes: [
      { name: 'data', emptyDir: {} },
      { name: 'vault', projected: { sources: [token('vault'), { configMap: { name: 'ca' } }] } },
      { name: 'aws-iam-token', emptyDir: {} },
    ],
  },
};

/** What the webhook has seen before. */
const complete = {
  metadata: { generateName: 'complete-' },
  spec: {
    initContainers: null,
    containers: [
      {
        name: 'app',
        env: [
          { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::123456789012:role/bench/account-0' },
          { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${path}/token` },
        ],
        volumeMounts: [{ name: 'aws-iam-token', mountPath: path, readOnly: true }],
      },
    ],
    volumes: [{ name: 'aws-iam-token', projected: { sources: [token('sts.amazonaws.com')] } }],
  },
};

const windowsTerm = { key: 'kubernetes.io/os', operator: 'In', values: ['windows'] };
const windows = {
  metadata: { name: 'windows', labels: null, annotations: null },
  spec: {
    os: { name: 'windows' },
    nodeSelector: { 'kubernetes.io/os': 'windows' },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [windowsTerm] }] },
      },
    },
    containers: [{ name: 'app', env }],
  },
};

const plain = { metadata: { name: 'plain' }, spec: { containers: [{ name: 'app', image: 'app:1', env }] } };
const modern = { metadata: { name: 'modern' }, spec: modernSpec };

/** Returns the review of a pod of the first account, which has a role. */
function ofFirstAccount({ metadata, spec }: { readonly metadata: object; readonly spec: object }): Json {
  const { review } = sample('small', 0);
  const { object, ...request } = review.request as Json;
  const pod = { kind: 'Pod', apiVersion: 'v1', metadata, spec: { serviceAccountName: 'account-0', ...spec } };
  return { ...review, request: { ...request, object: { ...(object as Json), ...pod } } };
}

function inEnvelope(review: Json, request: Json, apiVersion = 'admission.k8s.io/v1'): Json {
  return { ...review, apiVersion, request: { ...(review.request as Json), ...request } };
}

/** Most are small: the size of what is mutated hardly ever matters, and their number does. */
const originals = [
  { weight: 20, review: sample('small', 0).review },
  { weight: 5, review: sample('small', 1).review },
  { weight: 12, review: sample('medium', 5).review },
  { weight: 3, review: sample('medium', 6).review },
  { weight: 0.3, review: sample('large', 10).review },
  ...[plain, crowded, complete, windows, modern].map((pod) => ({ weight: 10, review: ofFirstAccount(pod) })),
  { weight: 4, review: inEnvelope(ofFirstAccount(crowded), { dryRun: true }, 'admission.k8s.io/v1beta1') },
  { weight: 2, review: inEnvelope(ofFirstAccount(plain), { operation: 'UPDATE' }) },
  { weight: 2, review: inEnvelope(ofFirstAccount(plain), { resource: undefined }) },
].map(({ weight, review }) => ({ weight, text: JSON.stringify(review) }));

/** Returns one of the reviews, made anew. */
export function pickOriginal(dice: Dice): Json {
  return JSON.parse(dice.pickWeighted(originals).text);
}
