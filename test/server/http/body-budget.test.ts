import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createBodyBudget } from '../../../server/http/body-budget.ts';

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

test('whatever is taken and ended, what unfinished bodies take together stays within the limit', () => {
  const step = fc.record({ which: fc.nat({ max: 5 }), bytes: fc.nat({ max: 80 }), ends: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const budget = createBodyBudget(100);
      const taken = new Map<number, number>();
      const shares = Array.from({ length: 6 }, (_, index) => budget.begin(() => taken.delete(index)));
      for (const [index] of shares.entries()) taken.set(index, 0);
      for (const { which, bytes, ends } of steps) {
        if (taken.has(which)) taken.set(which, (taken.get(which) ?? 0) + bytes);
        shares[which]?.take(bytes);
        if (ends) shares[which]?.end();
        if (ends) taken.delete(which);
        const total = [...taken.values()].reduce((sum, each) => sum + each, 0);
        assert.ok(total <= 100, `${total}`);
      }
    }),
  );
});
