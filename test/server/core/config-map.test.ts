import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ConfigMapEntry,
  decodeConfigMapIdentities,
  indexConfigMapEntries,
  matchConfigMapIdentity,
  matchesGlob,
} from '../../../server/core/config-map.ts';

const codesOf = (json: string) => decodeConfigMapIdentities(json).faults.map(({ code }) => code);

test("reads kOps' format", () => {
  const entry = {
    RoleARN: 'arn:aws:iam::111122223333:role/r',
    Audience: 'a',
    UseRegionalSTS: true,
    TokenExpiration: 3600,
  };
  assert.deepEqual(decodeConfigMapIdentities(JSON.stringify({ 'ns/sa': entry, '*/other': {} })), {
    entries: [
      {
        key: 'ns/sa',
        namespace: 'ns',
        name: 'sa',
        identity: {
          roleArn: 'arn:aws:iam::111122223333:role/r',
          audience: 'a',
          useRegionalSts: true,
          tokenExpiration: 3600,
        },
      },
      { key: '*/other', namespace: '*', name: 'other', identity: {} },
    ],
    faults: [],
  });
});

test("takes field names in any case, as Go's decoder does, and null as not set", () => {
  const { entries, faults } = decodeConfigMapIdentities('{"ns/sa": {"roleArn": "r", "audience": null}}');
  assert.deepEqual([entries[0]?.identity, faults], [{ roleArn: 'r' }, []]);
});

for (const key of ['sa', '', '/', 'ns/', '/sa', 'a/b/c']) {
  test(`reports and ignores the key ${JSON.stringify(key)}, and keeps the others`, () => {
    const { entries, faults } = decodeConfigMapIdentities(JSON.stringify({ [key]: {}, 'ns/sa': {} }));
    assert.deepEqual(
      entries.map((entry) => entry.key),
      ['ns/sa'],
    );
    assert.deepEqual(faults, [
      {
        code: 'config-map-bad-key',
        message: `key ${JSON.stringify(key)} must be <namespace>/<name>, with one slash; the entry is ignored`,
      },
    ]);
  });
}

test('reports and ignores fields of a wrong type or an unknown name, and keeps the others', () => {
  const json =
    '{"ns/sa": {"RoleARN": 5, "Audience": "a", "UseRegionalSTS": "true", "TokenExpiration": 1.5, "Role": "r"}}';
  const { entries, faults } = decodeConfigMapIdentities(json);
  assert.deepEqual(entries[0]?.identity, { audience: 'a' });
  assert.deepEqual(
    faults.map(({ message }) => message),
    [
      'field "RoleARN" of entry "ns/sa" must be a string, not 5; the field is ignored',
      'field "UseRegionalSTS" of entry "ns/sa" must be a boolean, not of type string; the field is ignored',
      'field "TokenExpiration" of entry "ns/sa" must be a whole number of seconds, not 1.5; the field is ignored',
      'field "Role" of entry "ns/sa" is none of RoleARN, Audience, UseRegionalSTS, TokenExpiration; the field is ignored',
    ],
  );
});

test('reports and ignores entries that are no objects', () => {
  assert.deepEqual(codesOf('{"a/b": null, "a/c": [], "a/d": "arn"}'), Array(3).fill('config-map-bad-entry'));
});

for (const json of ['', 'null', '[]', '5', '{"a', '"ns/sa"']) {
  test(`reports ${JSON.stringify(json)} as no JSON object`, () =>
    assert.deepEqual(codesOf(json), ['config-map-not-json']));
}

test('never throws, and gives only well-formed entries', () => {
  const entry = fc.dictionary(
    fc.constantFrom('RoleARN', 'Audience', 'useregionalsts', 'TokenExpiration', 'x'),
    fc.jsonValue(),
  );
  const config = fc.dictionary(fc.string(), fc.oneof(entry, fc.jsonValue())).map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(fc.oneof(config, fc.json(), fc.string()), (json) => {
      for (const { key, namespace, name, identity } of decodeConfigMapIdentities(json).entries) {
        assert.equal(key, `${namespace}/${name}`);
        assert.ok(['string', 'undefined'].includes(typeof identity.roleArn));
        assert.ok(['string', 'undefined'].includes(typeof identity.audience));
        assert.ok(['boolean', 'undefined'].includes(typeof identity.useRegionalSts));
        assert.ok(identity.tokenExpiration === undefined || Number.isInteger(identity.tokenExpiration));
      }
    }),
  );
});

function winner(keys: readonly string[], namespace: string, name: string): string | undefined {
  const json = JSON.stringify(Object.fromEntries(keys.map((key) => [key, { RoleARN: key }])));
  return matchConfigMapIdentity(indexConfigMapEntries(decodeConfigMapIdentities(json).entries), { namespace, name })
    ?.roleArn;
}

for (const [keys, expected, why] of [
  [['*/*', '*/reader', 'team-a/reader', 'team-a/*'], 'team-a/reader', 'a key without globs'],
  [['*/*', '*/reader', '*/read*'], '*/reader', 'more literal characters'],
  [['*/reader', 'team-*/*'], '*/reader', 'more literal characters, whichever half they are in'],
  [['team-*/re*', '*/reader'], 'team-*/re*', 'more literal characters, even with globs in both halves'],
  [['team-*/reader', 'team-?/reader'], 'team-?/reader', 'fewer stars'],
  [['team-a/read??', 'team-?/reader'], 'team-?/reader', 'more literal characters among question marks'],
  [['team-a/?eader', 'team-?/reader', 'team-a/r?ader'], 'team-?/reader', 'the key that sorts first'],
  [['team-b/reader', '*/writer', 'team/*'], undefined, 'nothing when none matches'],
] as const) {
  test(`chooses for team-a/reader among ${keys.join(' ')}: ${why}`, () => {
    for (const order of [keys, keys.toReversed()]) assert.equal(winner(order, 'team-a', 'reader'), expected);
  });
}

const letters = (...all: readonly string[]) => fc.string({ unit: fc.constantFrom(...all), maxLength: 8 });

/** Says the same as matchesGlob in the fewest words, in exponential time. */
function reference(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*')
    return reference(pattern.slice(1), text) || (text !== '' && reference(pattern, text.slice(1)));
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && reference(pattern.slice(1), text.slice(1));
}

test('matches globs as a naive matcher does', () => {
  fc.assert(
    fc.property(letters('a', 'b', '*', '?'), letters('a', 'b', '*'), (pattern, text) => {
      assert.equal(matchesGlob(pattern, text), reference(pattern, text));
    }),
    { numRuns: 2000 },
  );
});

test('finds by index what a search through all entries finds', () => {
  const half = letters('a', 'b', '*', '?').filter((text) => text !== '');
  const keys = fc.uniqueArray(
    fc.tuple(half, half).map((parts) => parts.join('/')),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(keys, letters('a', 'b'), letters('a', 'b'), (all, namespace, name) => {
      const matching = all.filter((key) => {
        const [left = '', right = ''] = key.split('/');
        return reference(left, namespace) && reference(right, name);
      });
      const literals = (key: string) => key.replace(/[*?]/g, '').length + (/[*?]/.test(key) ? 0 : 100);
      const stars = (key: string) => key.replace(/[^*]/g, '').length;
      const [best] = matching.sort((a, b) => literals(b) - literals(a) || stars(a) - stars(b) || (a < b ? -1 : 1));
      assert.equal(winner(all, namespace, name), best);
    }),
  );
});

test('a hostile pattern needs no more steps than pattern times text', () => {
  // a backtracking matcher would need more steps than there are atoms: this test would not end
  assert.equal(matchesGlob(`${'*a'.repeat(100)}b`, 'a'.repeat(253)), false);
});

test('an entry named like a property of every object is an entry like any other', () => {
  const json = '{"__proto__/constructor": {"RoleARN": "r"}, "__proto__": {"RoleARN": "evil"}}';
  const { entries, faults } = decodeConfigMapIdentities(json);
  assert.deepEqual(
    entries.map(({ key }: ConfigMapEntry) => key),
    ['__proto__/constructor'],
  );
  assert.equal(faults.length, 1);
});
