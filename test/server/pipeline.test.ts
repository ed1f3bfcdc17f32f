import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPipeline } from '../../server/pipeline.ts';
import { answerTo, facts, review, roleArn, settings } from '../support/reviews.ts';

const pod = {
  metadata: { generateName: 'web-' },
  spec: { serviceAccountName: 'reader', containers: [{ name: 'app' }] },
};
const excluded = { labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': '' } };
const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };
const skipAll = { annotations: { 'eks.amazonaws.com/skip-containers': 'app' } };
const unannotated = { outcome: 'cached', annotations: {} } as const;

test('a mutated pod is answered with a patch, and the log is told who got what', async () => {
  const answer = await answerTo(review(pod));
  assert.equal(answer.reason, 'MUTATED');
  assert.equal(answer.method, 'web-identity');
  assert.equal(answer.reply.patch.length, 3);
  assert.deepEqual(answer.fields, {
    namespace: 'shop',
    pod: 'web-*',
    serviceAccount: 'reader',
    role: roleArn,
    containers: 1,
    uid: review(pod).request.uid,
  });
});

const unchanged = [
  ['an update', 'NOT_A_POD_CREATION', review(pod, { operation: 'UPDATE' }), facts],
  ['a pod with the skip label', 'SKIP_LABEL', review({ ...pod, metadata: excluded }), facts],
  ['the mirror of a static pod', 'MIRROR_POD', review({ ...pod, metadata: mirror }), facts],
  ['a pod whose containers are skipped', 'NO_CONTAINERS', review({ ...pod, metadata: skipAll }), facts],
  ['a pod whose account has no role', 'NO_IDENTITY', review(pod), unannotated],
  ['a pod whose account is missing', 'ACCOUNT_MISSING', review(pod), { ...unannotated, outcome: 'missing' }],
  ['a pod whose account came too late', 'LOOKUP_TIMED_OUT', review(pod), { ...unannotated, outcome: 'timed-out' }],
  ['a pod whose account is unreadable', 'LOOKUP_UNAVAILABLE', review(pod), { ...unannotated, outcome: 'unavailable' }],
  ['a malformed pod', 'POD_MALFORMED', review({ spec: { containers: 5 } }), facts],
] as const;

for (const [what, reason, body, facts] of unchanged) {
  test(`${what} is admitted without a patch, because of ${reason}`, async () => {
    const answer = await answerTo(body, { facts });
    assert.equal(answer.reason, reason);
    assert.equal(answer.reply.isAllowed, true);
    assert.deepEqual(answer.reply.patch, []);
    assert.equal(answer.reply.uid, body.request.uid);
  });
}

test('a complete pod is told from a mutated one', async () => {
  const { reply } = await answerTo(review(pod));
  const [env, volumeMounts, volumes] = reply.patch.map((operation) => 'value' in operation && operation.value);
  const complete = { spec: { containers: [{ name: 'app', env, volumeMounts }], volumes } };
  assert.equal((await answerTo(review(complete))).reason, 'COMPLETE');
});

test('a dry run is answered like any other, and marked in the log', async () => {
  const answer = await answerTo(review(pod, { dryRun: true }));
  assert.equal(answer.fields.dryRun, true);
  assert.deepEqual(answer.reply, (await answerTo(review(pod))).reply);
});

test('each code of a warning is logged once', async () => {
  const env = [{ name: 'AWS_ROLE_ARN', value: 'mine' }];
  const containers = [
    { name: 'a', env },
    { name: 'b', env },
  ];
  const answer = await answerTo(review({ spec: { containers } }));
  assert.deepEqual(answer.fields.warnings, ['OWN_VARIABLES']);
  assert.equal(answer.reply.warnings.length, 2);
});

test('the names of a pod are cut in the log', async () => {
  const { fields } = await answerTo(review({ ...pod, metadata: { name: 'x'.repeat(1_000_000) } }));
  assert.ok(String(fields.pod).length <= 2048);
});

test('the account is looked up by the namespace of the request, with the deadline, and waited for', async () => {
  const asked: unknown[] = [];
  const lookup = (account: unknown, deadlineMs: number) => {
    asked.push([account, deadlineMs]);
    return Promise.resolve(facts);
  };
  const pipeline = createPipeline(settings, { identities: { lookup }, random: () => 0 });
  const answer = await pipeline(review({ ...pod, metadata: { namespace: 'other' } }), 1234);
  assert.equal('reason' in answer && answer.reason, 'MUTATED');
  assert.deepEqual(asked, [[{ namespace: 'shop', name: 'reader' }, 1234]]);
});

test('a pod that is excluded or malformed costs no lookup', async () => {
  const lookup = () => assert.fail('looked up');
  const pipeline = createPipeline(settings, { identities: { lookup }, random: () => 0 });
  await pipeline(review({ ...pod, metadata: excluded }), 0);
  await pipeline(review({ ...pod, metadata: mirror }), 0);
  await pipeline(review({ spec: { containers: 5 } }), 0);
});
