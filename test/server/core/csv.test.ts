import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tryParseCsvRecord } from '../../../server/core/csv.ts';

const records: Readonly<Record<string, readonly string[] | undefined>> = {
  '': [],
  ' , ,': [],
  'app,proxy': ['app', 'proxy'],
  ' app ,\tproxy \n': ['app', 'proxy'],
  '"app","proxy"': ['app', 'proxy'],
  ' "app" , proxy': ['app', 'proxy'],
  '"a,b",c': ['a,b', 'c'],
  '"a,b,c"': ['a,b,c'],
  '"say ""hi"""': ['say "hi"'],
  '"a"",""b"': ['a","b'],
  '"",a': ['a'],
  '" a "': [' a '],
  '"': undefined,
  '"a': undefined,
  'a,"b': undefined,
  '"a"b"': undefined,
  'a"b': undefined,
  'a"b"': undefined,
  '"a"b,c': undefined,
  '"a" "b"': undefined,
};

for (const [text, fields] of Object.entries(records)) {
  test(`${JSON.stringify(text)} is ${fields ? JSON.stringify(fields) : 'no record'}`, () =>
    assert.deepEqual(tryParseCsvRecord(text), fields));
}

test('fields quoted as RFC 4180 says come back as they were', () =>
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, unit: fc.constantFrom('"', ',', ' ', 'a', '\n') })), (fields) => {
      const text = fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
      assert.deepEqual(tryParseCsvRecord(text), fields);
    }),
  ));

test('container names need no quotes', () =>
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z0-9-]+$/)), (names) => {
      assert.deepEqual(tryParseCsvRecord(names.join(', ')), names);
    }),
  ));
