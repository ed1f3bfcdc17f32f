import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quote, requestFaults, warn, warnings } from '../../../server/core/faults.ts';
import { answerTo, facts, review, send } from '../../support/reviews.ts';

const usual = {
  where: 'service account billing-reader',
  path: '/var/run/secrets/eks.amazonaws.com/serviceaccount-1',
  key: 'eks.amazonaws.com/role_arn',
} as const;

/** One usual instance of each: what matters in it must not be cut. */
const instances = [
  warn('ROLE_ARN_MALFORMED', usual.where, 's3-reader'),
  warn('ROLE_ARN_NOT_COMPOSED', usual.where, 'team/reader'),
  warn('EXPIRATION_NOT_INTEGER', usual.where, '1h'),
  warn('EXPIRATION_RAISED', usual.where, '60'),
  warn('EXPIRATION_LOWERED', usual.where, '604800'),
  warn('STS_ENDPOINTS_NOT_BOOLEAN', usual.where, 'yes'),
  warn('CONTAINER_LIST_MALFORMED', usual.where, 'include-containers'),
  warn('CONTAINER_UNKNOWN', 'include-containers', 'istio-proxy'),
  warn('ANNOTATION_MISSPELT', 'service account reader', usual.key, 'eks.amazonaws.com/role-arn'),
  warn('ANNOTATION_MISPLACED', 'eks.amazonaws.com/role-arn'),
  warn('OWN_VARIABLES', 'checkout', 'AWS_WEB_IDENTITY_TOKEN_FILE'),
  warn('VOLUME_NAME_TAKEN', 'aws-token', 'aws-token-1'),
  warn('MOUNT_PATH_SHARED', 'checkout', 'vault-token'),
  warn('MOUNT_PATH_TAKEN', 'checkout', usual.path),
  warn('ACCOUNT_MISSING', usual.where),
  warn('LOOKUP_TIMED_OUT', usual.where),
  warn('LOOKUP_UNAVAILABLE', usual.where),
];

test('every warning of the catalogue, as it usually reads, fits into 120 characters', () => {
  assert.deepEqual(instances.map(({ code }) => code).sort(), Object.keys(warnings).sort());
  for (const { text } of instances) assert.ok(`pod identity: ${text}`.length <= 120, text);
});

test('every request fault has an HTTP status of a client or server error', () => {
  for (const { status } of Object.values(requestFaults)) assert.ok(status >= 400 && status < 600);
});

test('a quoted text has no control characters, no half characters and at most 48 characters', () => {
  assert.equal(quote('a\n\u0085\u007f\ud800'), '"a\\n\ufffd\ufffd\\ud800"');
  assert.ok(quote('x'.repeat(1000)).length <= 50);
  assert.ok(quote('😀'.repeat(1000)).isWellFormed());
});

/** A pod that gets about every warning there is, with a secret wherever a user may put one. */
const secret = 'wJalrXUtnFEMI';
const annotations = { ...facts.annotations, 'eks.amazonaws.com/role_arn': secret, 'example.com/x': secret };
const talkative = {
  metadata: { name: 'web', annotations, labels: { x: secret } },
  spec: {
    containers: [
      {
        name: 'app',
        command: [secret],
        env: [
          { name: 'AWS_ROLE_ARN', value: secret },
          { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: secret },
          { name: 'PASSWORD', value: secret },
        ],
        volumeMounts: [{ name: 'aws-token', mountPath: '/var/run/secrets/eks.amazonaws.com/serviceaccount' }],
      },
      { name: 'proxy', env: [{ name: 'PASSWORD', value: secret }] },
    ],
    volumes: [{ name: 'aws-token', csi: { volumeAttributes: { x: secret } } }],
  },
};

test('no reply or log field holds a value of env, of a volume or of an annotation that is not ours', async () => {
  const { reply, fields } = await answerTo(review(talkative), { facts: { ...facts, annotations } });
  assert.ok(reply.warnings.length >= 4);
  assert.ok(!JSON.stringify([reply, fields]).includes(secret));
});

test('no fault or log field holds a part of a body that could not be read', async () => {
  const malformed = { ...talkative, spec: { ...talkative.spec, volumes: secret } };
  for (const body of [
    secret,
    [secret],
    review(secret),
    { ...review(talkative), request: [talkative] },
    review(malformed),
  ]) {
    const answer = await send(body);
    assert.ok(!JSON.stringify(answer).includes(secret));
  }
});
