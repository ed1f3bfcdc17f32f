import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics } from 'node:v8';
import fc from 'fast-check';
import { type BodyShare, createBodyBudget } from '../../../server/http/body-budget.ts';

test('when all bodies take too much, the one that began first is given up, and no more than needed', () => {
  const given: string[] = [];
  const budget = createBodyBudget(100);
  const [first, second, third] = ['first', 'second', 'third'].map((name) => budget.begin(() => given.push(name)));
  second?.take(40);
  first?.take(40);
  third?.take(20);
  assert.deepEqual(given, []);
  third?.take(1);
  assert.deepEqual(given, ['first']);
});

test('a body that ends gives back what it took, once', () => {
  const budget = createBodyBudget(100);
  const [one, other] = [budget.begin(assert.fail), budget.begin(assert.fail)];
  one.take(60);
  one.end();
  one.end();
  other.take(100);
});

test('a body that was given up takes nothing more', () => {
  const budget = createBodyBudget(100);
  const slow = budget.begin(() => {});
  slow.take(101);
  slow.take(1000);
  budget.begin(assert.fail).take(100);
});

test('whatever begins, takes and ends, those that began first are given up, and no more than needed', () => {
  const step = fc.record({ which: fc.nat({ max: 5 }), bytes: fc.nat({ max: 80 }), ends: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const budget = createBodyBudget(100);
      const given: number[] = [];
      const shares: BodyShare[] = [];
      // in the order in which they began
      let expected: { readonly which: number; readonly bytes: number }[] = [];
      const expectedGiven: number[] = [];
      for (const { which, bytes, ends } of steps) {
        if (expected.every((body) => body.which !== which)) {
          expected.push({ which, bytes: 0 });
          shares[which] = budget.begin(() => {
            given.push(which);
            shares[which]?.end();
          });
        }
        shares[which]?.take(bytes);
        expected = expected.map((body) => (body.which === which ? { which, bytes: body.bytes + bytes } : body));
        while (expected.reduce((sum, body) => sum + body.bytes, 0) > 100)
          expectedGiven.push(expected.shift()?.which ?? -1);
        if (ends) shares[which]?.end();
        if (ends) expected = expected.filter((body) => body.which !== which);
        assert.deepEqual(given, expectedGiven);
      }
    }),
  );
});

test('bodies that come and go leave nothing for the collection of the old generation', () => {
  const budget = createBodyBudget(100);
  const comeAndGo = (count: number) => {
    for (let body = 0; body < count; body++) budget.begin(assert.fail).end();
  };
  // what the budget keeps is old by now
  comeAndGo(100);
  for (let garbage = 0; garbage < 1e6; garbage++) JSON.parse('{"some":{}}');
  const before = oldBytes();
  comeAndGo(100_000);
  const left = oldBytes() - before;
  // a Set would leave some 10 MB
  assert.ok(left < 2e6, `${left} bytes`);
});

function oldBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? Number.NaN;
}
