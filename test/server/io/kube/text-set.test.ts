import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TextSet } from '../../../../server/io/kube/text-set.ts';

const text = fc.oneof(
  fc.nat(40).map((number) => `team/account-${number}`),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const step = fc.tuple(fc.constantFrom('add', 'delete', 'has'), text);

test('does what a Set does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const [set, model] = [new TextSet(), new Set<string>()];
      for (const [verb, value] of steps) {
        const isThere = model.has(value);
        if (verb === 'add') assert.equal(set.add(value), !isThere);
        else assert.equal(set[verb as 'has' | 'delete'](value), isThere);
        if (verb === 'add') model.add(value);
        if (verb === 'delete') model.delete(value);
        assert.equal(set.size, model.size);
      }
      assert.deepEqual([...set], [...model]);
    }),
  );
});

test('holds many, and finds each of them', () => {
  const set = new TextSet();
  const all = Array.from({ length: 20_000 }, (_, index) => `team-${index % 100}/account-${index}`);
  for (const one of all) set.add(one);
  assert.equal(set.size, all.length);
  assert.ok(all.every((one) => set.has(one)));
  assert.ok(!all.some((one) => set.has(`${one}x`)));
});

test('goes on for ever when as many are deleted as added', () => {
  const set = new TextSet();
  for (let index = 0; index < 50_000; index++) {
    set.add(`account-${index}`);
    set.delete(`account-${index - 100}`);
  }
  assert.deepEqual(
    [...set],
    Array.from({ length: 100 }, (_, index) => `account-${49_900 + index}`),
  );
});

test('refuses a text that is too long, and goes on', () => {
  const set = new TextSet();
  set.add('a'.repeat(32_767));
  assert.throws(() => set.add('a'.repeat(32_768)), RangeError);
  assert.equal(set.add('b'), true);
  assert.equal(set.size, 2);
});
