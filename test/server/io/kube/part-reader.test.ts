import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPartReader } from '../../../../server/io/kube/part-reader.ts';

const read = createPartReader({ type: true, object: { name: true, inner: { name: true } } });
const readText = (text: string): unknown => read(Buffer.from(text));

/** Strings full of what ends a string, or looks like a field. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('type', 'object', 'inner', 'name', 'nam', 'names', '"name":1', '\\', '\\"', '}]', '["', '__proto__'),
);
const json = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.double(),
    fc.constantFrom(null, true, false),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('any'), { maxLength: 4 }),
  object: fc.dictionary(text, tie('any'), { maxKeys: 6 }),
})).any;

test('reads of any JSON what JSON.parse does, less the fields that are not named', () => {
  fc.assert(
    fc.property(json, fc.constantFrom('', ' ', '\t', '\r\n'), (value, indent) => {
      const written = JSON.stringify(value, undefined, indent);
      assert.deepEqual(
        readText(written),
        part(JSON.parse(written), { type: true, object: { name: true, inner: { name: true } } }),
      );
    }),
    { numRuns: 1000 },
  );
});

type Shape = { readonly [field: string]: true | Shape };

function part(value: unknown, shape: true | Shape): unknown {
  if (shape === true || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const named = Object.entries(value).filter(([name]) => Object.hasOwn(shape, name));
  return Object.fromEntries(named.map(([name, field]) => [name, part(field, shape[name] ?? true)]));
}

test('takes the last of two fields of a name, and a name that is written with escapes', () => {
  assert.deepEqual(readText('{"type":1,"t\\u0079pe":"\\u0032"}'), { type: '2' });
});

test('throws for every text that is cut off, and for what is behind its end', () => {
  const whole = '{"type":"ADDED","other":[{"a":"\\"]"}, 1],"object":{"name":null,"inner":{}}}';
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => readText(whole.slice(0, length)), SyntaxError, whole.slice(0, length));
  }
  assert.throws(() => readText(`${whole}}`), SyntaxError);
});

test('throws for what is no JSON where it reads', () => {
  for (const wrong of [
    '{"type" 1}',
    '{"type":}',
    '{"type":tru}',
    '{"other":}',
    '{,}',
    '{type:1}',
    '{"type":1 "b":2}',
    '{"a":1,}',
  ]) {
    assert.throws(() => readText(wrong), SyntaxError, wrong);
  }
});

test('walks over a value however deep it is', () => {
  assert.deepEqual(readText(`{"other":${'['.repeat(200_000)}${']'.repeat(200_000)},"type":1}`), { type: 1 });
});
