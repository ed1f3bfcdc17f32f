import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createResolver } from '../../../server/core/resolver.ts';
import type { IdentityFacts, Pod } from '../../../server/core/types.ts';
import { encodeReply } from '../../../server/http/send.ts';
import { createPipeline } from '../../../server/pipeline.ts';
import { answerTo, facts, review, roleArn, settings } from '../../support/reviews.ts';

const account = { namespace: 'shop', name: 'reader' };
const pod: Pod = { spec: { containers: [{ name: 'app' }] } };
const saying = (annotations: Readonly<Record<string, string>>): Pod => ({ ...pod, metadata: { annotations } });

test('pods that say nothing get the very same identity, and from the second on what it gives the usual pod', () => {
  const resolve = createResolver(settings, () => 0);
  const [first, second, third] = [1, 2, 3].map(() => resolve(pod, account, facts));
  assert.ok(first?.granted);
  assert.equal(first.usual, undefined);
  assert.equal(second?.granted, first.granted);
  assert.ok(second?.usual);
  assert.equal(resolve(saying({ 'prometheus.io/scrape': 'true' }), account, facts), third);
  assert.equal(third, second);
});

test('a pod that says something gets an identity of its own, and the next one that says nothing the shared one', () => {
  const resolve = createResolver(settings, () => 0);
  const first = resolve(pod, account, facts);
  const { granted } = resolve(saying({ 'eks.amazonaws.com/token-expiration': '3600' }), account, facts);
  assert.equal(granted?.identity.expirationSeconds, 3600);
  assert.equal(resolve(pod, account, facts).granted, first.granted);
});

test('an account that has changed is resolved anew', () => {
  const resolve = createResolver(settings, () => 0);
  resolve(pod, account, facts);
  const changed: IdentityFacts = {
    ...facts,
    annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/other' },
  };
  assert.equal(resolve(pod, account, changed).granted?.identity.roleArn, 'arn:aws:iam::1:role/other');
});

test('a spread lifetime is drawn for each pod', () => {
  const drawn = [0, 0.5];
  const resolve = createResolver({ ...settings, tokenExpirationSpread: true }, () => drawn.shift() ?? 0);
  const lifetimes = [1, 2].map(() => resolve(pod, account, facts).granted?.identity.expirationSeconds);
  assert.deepEqual(lifetimes, [86_400, 82_800]);
});

test('warnings name the account that is asked for, where two share what is known of them', () => {
  const resolve = createResolver(settings, () => 0);
  const shared: IdentityFacts = { ...facts, annotations: { 'eks.amazonaws.com/role-arn': 'no ARN' } };
  for (const name of ['one', 'two', 'one']) {
    const [warning] = resolve(pod, { namespace: 'shop', name }, shared).warnings;
    assert.match(warning?.text ?? '', new RegExp(`^service account ${name}: `));
  }
});

test('more accounts than there are places for get each its own identity, time and again', () => {
  const resolve = createResolver(settings, () => 0);
  const role = (i: number) => `arn:aws:iam::111122223333:role/account-${i}`;
  const all = Array.from(
    { length: 1500 },
    (_, i): IdentityFacts => ({ ...facts, annotations: { 'eks.amazonaws.com/role-arn': role(i) } }),
  );
  for (const i of [...all.keys(), ...all.keys(), ...all.keys()]) {
    const resolved = resolve(pod, { namespace: 'shop', name: `account-${i}` }, all[i] as IdentityFacts);
    assert.equal(resolved.granted?.identity.roleArn, role(i));
  }
});

test('accounts of one name in two namespaces do not get each other\u2019s identity', () => {
  const resolve = createResolver(settings, () => 0);
  const other: IdentityFacts = { ...facts, annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/other' } };
  for (let round = 0; round < 3; round++) {
    assert.equal(resolve(pod, account, facts).granted?.identity.roleArn, roleArn);
    assert.equal(
      resolve(pod, { ...account, namespace: 'bank' }, other).granted?.identity.roleArn,
      'arn:aws:iam::1:role/other',
    );
  }
});

test('an account with long annotations is not remembered', () => {
  const resolve = createResolver(settings, () => 0);
  const long: IdentityFacts = {
    ...facts,
    annotations: { ...facts.annotations, 'eks.amazonaws.com/region': 'x'.repeat(2000) },
  };
  const [first, second] = [1, 2].map(() => resolve(pod, account, long));
  assert.notEqual(second, first);
  assert.deepEqual(second, first);
});

test('the answers to an account\u2019s pods are the same, whether it is remembered or not', async () => {
  const pipeline = createPipeline(settings, { identities: { lookup: () => facts }, random: () => 0 });
  const bodies = [
    { spec: { containers: [{ name: 'app', env: [{ name: 'A', value: 'a' }], volumeMounts: [] }, { name: 'proxy' }] } },
    { spec: { volumes: [{ name: 'aws-iam-token' }], containers: [{ name: 'app' }] } },
    { spec: { os: { name: 'windows' }, containers: [{ name: 'app' }] } },
    {
      spec: {
        containers: [{ name: 'app', volumeMounts: [{ name: 'x', mountPath: '/var/run/secrets/eks.amazonaws.com' }] }],
      },
    },
  ].map((body) => review(body));
  for (const body of [...bodies, ...bodies, ...bodies]) {
    const [answer, fresh] = await Promise.all([pipeline(body, 0), answerTo(body)]);
    assert.ok('reply' in answer);
    assert.equal(encodeReply(answer.reply, answer.texts), encodeReply(fresh.reply));
  }
});
