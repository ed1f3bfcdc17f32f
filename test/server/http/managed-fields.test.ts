import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textWithoutManagedFields } from '../../../server/http/managed-fields.ts';

const parsed = (text: string): unknown => JSON.parse(textWithoutManagedFields(Buffer.from(text)));
/** Strings full of what ends a string, or looks like the beginning of the list. */
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"managedFields":[', '\\', '\\"', ']}', '["'));
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, text, fc.double(), fc.constant(null), tie('list'), tie('object')),
  list: fc.array(tie('any'), { maxLength: 4 }),
  object: fc.dictionary(text, tie('any'), { maxKeys: 4 }),
}));

test('of any review the managedFields are left out, and nothing else', () => {
  fc.assert(
    fc.property(value.any, fc.array(value.any), value.any, (before, managedFields, after) => {
      const review = { before, object: { metadata: { managedFields, after } } };
      const given = JSON.parse(JSON.stringify(review));
      const expected = withoutFirst(given) as object;
      assert.deepEqual(parsed(JSON.stringify(review)), expected);
    }),
    { numRuns: 500 },
  );
});

/** Empties the first list named managedFields in the order of the text. */
function withoutFirst(root: unknown): unknown {
  let isDone = false;
  const walk = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null) return part;
    const entries = Object.entries(part).map(([name, field]) => {
      if (isDone || name !== 'managedFields' || !Array.isArray(field)) return [name, walk(field)] as const;
      isDone = true;
      return [name, []] as const;
    });
    return Object.fromEntries(entries);
  };
  return walk(root);
}

test('a body that ends within the list is not JSON, as before', () => {
  for (const cut of ['{"managedFields":[', '{"managedFields":[{"a":"]}', '{"managedFields":["\\']) {
    assert.throws(() => parsed(cut), SyntaxError);
  }
});

test('a longer name that ends so is left alone', () => {
  assert.deepEqual(parsed('{"a\\"managedFields":[1]}'), { 'a"managedFields': [1] });
});

test('a list behind a blank is left as it is', () => {
  assert.deepEqual(parsed('{"managedFields": [1]}'), { managedFields: [1] });
});
