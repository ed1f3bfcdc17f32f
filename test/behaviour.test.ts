import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { splitTest } from '../scripts/behaviour-document.ts';
import { behaviourSections } from './behaviour/sections.ts';
import { root } from './support/program.ts';

const rows = behaviourSections.flatMap((section) => section.rows);

for (const { id, tests } of rows) {
  test(`the row ${id} is tested by tests that exist`, () => {
    assert.ok(tests.length > 0, 'it names no test');
    const gone = tests.filter((one) => !exists(one));
    assert.deepEqual(gone, [], 'no such test: name one that fails when the row no longer holds, or write it');
  });
}

test('a test that does not exist is noticed', () => {
  assert.ok(exists('cases: unknown-fields-survive'));
  assert.ok(exists('behaviour: a test that does not exist is noticed'));
  assert.ok(exists('behaviour: the row … is tested by tests that exist'));
  for (const none of ['cases: nothing', 'cases: ', 'nothing: a', 'behaviour: a test', 'behaviour: …']) {
    assert.ok(!exists(none as `${string}: ${string}`), none);
  }
});

test('each row has a name of its own', () => {
  const ids = rows.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)]);
  for (const id of ids) assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
});

function exists(one: `${string}: ${string}`): boolean {
  const { path, name } = splitTest(one);
  const place = join(root, path);
  if (name === '' || !existsSync(place)) return false;
  return statSync(place).isDirectory() || titlesOf(readFileSync(place, 'utf8')).includes(name);
}

/** Returns the names of the tests in a source, `…` for each value in them. */
function titlesOf(source: string): readonly string[] {
  const calls = source.matchAll(/\b(?:test|it)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g);
  return [...calls].map(([, , title = '']) =>
    title.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…').replace(/\\(.)/g, '$1'),
  );
}
