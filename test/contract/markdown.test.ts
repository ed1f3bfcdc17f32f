import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagGroups } from '../../contract/flag-types.ts';
import { flagKeys, flagRows } from '../../contract/flags.ts';
import { flagsDocument, usageBlock } from '../../contract/markdown.ts';
import { usage } from '../../contract/usage.ts';

const rows = flagsDocument()
  .split('\n')
  .filter((line) => line.startsWith('| `--'))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

test('each flag has one row, with its name and its prop', () => {
  const expected = flagKeys.map((key) => [`\`--${flagRows[key].flag}\``, `\`${key}\``]);
  const found = rows.map(([, flag, prop]) => [flag?.split(', ')[0], prop]);
  assert.deepEqual(found.sort(), expected.sort());
});

test('every row has as many cells as the head, so that no value breaks the table', () => {
  assert.deepEqual([...new Set(rows.map((cells) => cells.length))], [8]);
});

test('a row tells type, unit, limits and default', () => {
  const row = rows.find((cells) => cells[2] === '`tokenExpiration`');
  assert.deepEqual(row?.slice(3, 6), ['int, seconds, 600 to 86400', '`86400`', '2019']);
});

test('the headings are the groups, in their order', () => {
  const headings = [...flagsDocument().matchAll(/^## (.*)$/gm)].map((match) => match[1]);
  assert.deepEqual(headings, Object.values(flagGroups));
});

test("the README's block is what --help prints", () => assert.equal(usageBlock(), `\`\`\`text\n${usage()}\`\`\`\n`));
