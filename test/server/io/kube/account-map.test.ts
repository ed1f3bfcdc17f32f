import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountMap, plainFacts } from '../../../../server/io/kube/account-map.ts';

const role = { outcome: 'cached', annotations: { 'eks.amazonaws.com/role-arn': 'arn' } } as const;

test('tells the facts of the accounts that it has, whatever they were before', () => {
  const map = new AccountMap();
  map.set('team/a', plainFacts);
  map.set('team/b', role);
  assert.deepEqual([map.get('team/a'), map.get('team/b'), map.get('team/c')], [plainFacts, role, undefined]);
  map.set('team/a', role);
  map.set('team/b', plainFacts);
  assert.deepEqual([map.get('team/a'), map.get('team/b'), map.size], [role, plainFacts, 2]);
  assert.deepEqual(Object.fromEntries(map), { 'team/a': role, 'team/b': plainFacts });
});

test('forgets the facts with the account', () => {
  const map = new AccountMap();
  map.set('team/a', role);
  map.delete('team/a');
  map.delete('team/a');
  assert.deepEqual([map.get('team/a'), map.has('team/a'), map.size], [undefined, false, 0]);
  map.set('team/a', plainFacts);
  assert.equal(map.get('team/a'), plainFacts);
});
