import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createResolver } from '../../../server/core/resolver.ts';
import type { IdentityFacts, Pod } from '../../../server/core/types.ts';
import { facts, settings } from '../../support/reviews.ts';

const account = { namespace: 'shop', name: 'reader' };
const pod: Pod = { spec: { containers: [{ name: 'app' }] } };
const saying = (annotations: Readonly<Record<string, string>>): Pod => ({ ...pod, metadata: { annotations } });

test('pods that say nothing get the very same identity', () => {
  const resolve = createResolver(settings, () => 0);
  const first = resolve(pod, account, facts);
  assert.ok(first.granted);
  assert.equal(resolve(saying({ 'prometheus.io/scrape': 'true' }), account, facts), first);
});

test('a pod that says something gets an identity of its own, and the next one that says nothing the shared one', () => {
  const resolve = createResolver(settings, () => 0);
  const first = resolve(pod, account, facts);
  const { granted } = resolve(saying({ 'eks.amazonaws.com/token-expiration': '3600' }), account, facts);
  assert.equal(granted?.identity.expirationSeconds, 3600);
  assert.equal(resolve(pod, account, facts), first);
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

test('accounts beyond those that are remembered are resolved as well', () => {
  const resolve = createResolver(settings, () => 0);
  for (let i = 0; i < 1100; i++) {
    const name = `account-${i}`;
    const role = `arn:aws:iam::111122223333:role/${name}`;
    const own: IdentityFacts = { ...facts, annotations: { 'eks.amazonaws.com/role-arn': role } };
    assert.equal(resolve(pod, { namespace: 'shop', name }, own).granted?.identity.roleArn, role);
  }
});
