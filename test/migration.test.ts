import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Certificates } from '../charts/index.ts';
import { propChecks } from '../charts/prop-checks.ts';
import { flagKeys, flagRows } from '../contract/flags.ts';
import { root } from './support/program.ts';

const text = readFileSync(join(root, 'docs/migration.md'), 'utf8');
const props: ReadonlySet<string> = new Set([...flagKeys, ...Object.keys(propChecks)]);
const codeIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** The cells of each row of the tables that have the column `prop`, by column. */
const rows = text
  .split('\n\n')
  .filter((block) => /^\| .* \| prop \|/.test(block))
  .flatMap((block) => block.trimEnd().split('\n').slice(2))
  .map((line) => line.split('|').slice(1, -1));

test('the tables of flags and values name props that exist', () => {
  const named = rows.flatMap(([, cell = '']) => codeIn(cell));
  assert.ok(named.length > 50, `${named.length} props are named`);
  assert.deepEqual(
    named.filter((name) => !props.has(name)),
    [],
  );
});

test('the flags that they name are those of the prop beside them', () => {
  const pairs = rows.map(([flag = '', prop = '']) => [codeIn(flag), codeIn(prop)] as const);
  const [flags] = [pairs.filter(([[first = '']]) => first.startsWith('--'))];
  assert.ok(flags.length > 15);
  const known = new Map(flagKeys.map((key) => [`--${flagRows[key].flag}`, key]));
  for (const [[first = ''], [prop]] of flags) {
    assert.ok(known.has(first), first);
    if (prop !== undefined && prop !== 'certificates') assert.equal(prop, known.get(first));
  }
});

test('its examples name props and ways to a certificate that exist', () => {
  const examples = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);
  assert.ok(examples.length > 1);
  const given = examples.flatMap((code) => [...code.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name));
  assert.deepEqual(
    given.filter((name) => !props.has(name)),
    [],
  );
  const ways = [...text.matchAll(/Certificates\.(\w+)/g)].map(([, way = '']) => way);
  assert.deepEqual(
    ways.filter((way) => !(way in Certificates)),
    [],
  );
});
