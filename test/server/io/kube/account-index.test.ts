import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AccountIndex } from '../../../../server/io/kube/account-index.ts';
import { keyOf } from '../../../../server/io/kube/account-map.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const roleAnnotation = 'eks.amazonaws.com/role-arn';
const role = { [roleAnnotation]: 'arn:aws:iam::111122223333:role/app' };
const account = (name: string, annotations: Record<string, string> | null = null) => ({
  metadata: { namespace: 'team', name, annotations, creationTimestamp: '2020-01-01T00:00:00Z' },
});

function setup(youthMs = 1000) {
  const clock = new FakeClock();
  const isRelevant = (key: string) => key.startsWith('eks.');
  const states = { known: 0 };
  const onState = () => {
    states.known++;
    assert.equal(index.isComplete, true, 'told before it is so');
  };
  const index: AccountIndex = new AccountIndex({
    isRelevant,
    roleAnnotation,
    youthMs,
    clock,
    onPut: () => {},
    onState,
  });
  return { clock, index, states };
}

test('shares one set of facts among all accounts without an annotation of ours', () => {
  const { index } = setup();
  index.begin();
  index.put(account('a', { other: 'x' }));
  index.put(account('b'));
  index.commit();
  assert.deepEqual(index.find('team/a')?.facts, { outcome: 'cached', annotations: {} });
  assert.equal(index.find('team/a')?.facts, index.find('team/b')?.facts);
});

test('is complete from the first whole state on, and says so', () => {
  const { index, states } = setup();
  index.begin();
  assert.deepEqual([index.isComplete, states.known], [false, 0]);
  index.commit();
  assert.equal(states.known, 1);
  assert.equal(index.isComplete, true);
  index.begin();
  assert.equal(index.isComplete, true);
  index.commit();
  assert.equal(states.known, 1);
  index.forget();
  assert.equal(index.isComplete, false);
  index.begin();
  index.commit();
  assert.deepEqual([index.isComplete, states.known], [true, 2]);
});

test('shows the old state and what is newer in the one that is being built', () => {
  const { index } = setup();
  index.begin();
  index.put(account('kept', role));
  index.put(account('vanished', role));
  index.commit();
  index.begin();
  index.put(account('kept', { 'eks.amazonaws.com/audience': 'me' }));
  index.put(account('added', role));
  assert.deepEqual(index.find('team/kept')?.facts.annotations, { 'eks.amazonaws.com/audience': 'me' });
  assert.deepEqual(index.find('team/vanished')?.facts.annotations, role);
  assert.deepEqual(index.find('team/added')?.facts.annotations, role);
  assert.equal(index.size, 2);
  index.commit();
  assert.equal(index.find('team/vanished'), undefined);
});

test('throws away a state that was begun and not finished', () => {
  const { index } = setup();
  index.begin();
  index.put(account('half', role));
  index.begin();
  index.commit();
  assert.equal(index.size, 0);
});

test('forgets the youth of an account that has a role, is deleted or has grown', async () => {
  const { index, clock } = setup();
  index.begin();
  index.commit();
  index.put(account('a'));
  index.put(account('b'));
  assert.equal(index.find('team/a')?.youngUntilMs, 1000);
  index.put(account('a', role));
  index.put(account('a'));
  assert.equal(index.find('team/a')?.youngUntilMs, undefined);
  index.delete(account('b'));
  assert.equal(index.find('team/b'), undefined);
  index.put(account('c'));
  await clock.advance(1000);
  assert.equal(index.find('team/c')?.youngUntilMs, undefined);
});

test('tells by its time of creation, in whatever form that is, whether an account may still get a role', () => {
  const times = { young: new Date('2025-12-31T23:59:59Z'), old: new Date('2025-12-31T23:59:58Z') };
  const { index } = setup();
  index.begin();
  const isYoung = (creationTimestamp: string) => {
    index.put({ metadata: { namespace: 'team', name: creationTimestamp, creationTimestamp } });
    return index.find(`team/${creationTimestamp}`)?.youngUntilMs !== undefined;
  };
  for (const [expected, time] of Object.entries(times)) {
    const elsewhere = new Date(time.getTime() - 5 * 3600_000).toISOString().replace('.000Z', '-05:00');
    for (const form of [time.toISOString(), time.toISOString().replace('.000', ''), elsewhere]) {
      assert.equal(isYoung(form), expected === 'young', form);
    }
  }
  assert.equal(isYoung('2025-12-31T23:59:57Z'), false);
  assert.equal(isYoung(''), false);
});

test('holds what a plain map holds after any events', () => {
  const event = fc.record({ name: fc.constantFrom('a', 'b', 'c'), isDeleted: fc.boolean(), hasRole: fc.boolean() });
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const { index } = setup(0);
      const expected = new Map<string, Record<string, string>>();
      index.begin();
      index.commit();
      for (const { name, isDeleted, hasRole } of events) {
        const object = account(name, hasRole ? role : null);
        if (isDeleted) {
          index.delete(object);
          expected.delete(keyOf(object.metadata));
        } else {
          index.put(object);
          expected.set(keyOf(object.metadata), hasRole ? role : {});
        }
      }
      const held = [...index.snapshot()].map(([key, facts]) => [key, facts.annotations] as const);
      assert.deepEqual(new Map(held), expected);
    }),
  );
});
