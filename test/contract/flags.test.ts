import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkProps } from '../../contract/args.ts';
import type { FlagKind } from '../../contract/flag-types.ts';
import { fallbacks, flagKeys, flagRows } from '../../contract/flags.ts';

const measured: ReadonlySet<FlagKind> = new Set(['int', 'level', 'duration']);

for (const key of flagKeys) {
  const row = flagRows[key];

  test(`${key} is ${row.flag} in camelCase`, () => {
    assert.equal(
      row.flag.replace(/[-_](.)/g, (_, letter: string) => letter.toUpperCase()),
      key,
    );
  });

  test(`${key} has limits if it is a quantity, and only then`, () => {
    assert.deepEqual([row.min !== undefined, row.max !== undefined], Array(2).fill(measured.has(row.kind)));
  });

  test(`the help for ${key} is one line without a full stop or the quotes that pflag takes for a type`, () => {
    assert.match(row.help, /^[A-Z][^\n`]*[^.\n`]$/);
  });

  test(`${key} has a letter only if it takes a value, because letters come in no clusters`, () => {
    assert.ok(row.shorthand === undefined || row.kind !== 'bool');
    assert.notEqual(row.shorthand, 'h');
  });
}

test('no two flags have one name, dashes and underscores being the same', () => {
  const names = flagKeys.map((key) => flagRows[key].flag.replaceAll('_', '-'));
  assert.deepEqual([...new Set(names)], names);
});

test('the fallbacks keep the rules', () => assert.deepEqual(checkProps(fallbacks), []));
