import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generatedFiles, replaceBlock } from '../scripts/generated-files.ts';

for (const { path, render } of generatedFiles) {
  test(`${path} is what the code renders`, () => {
    const text = readFileSync(join(import.meta.dirname, '..', path), 'utf8');
    assert.ok(text === render(text), `${path} differs from what the code renders: run npm run generate`);
  });
}

test('a block is replaced between its markers and nothing else is touched', () => {
  const text = 'a\n<!-- generated:x -->\nold\n<!-- /generated:x -->\nb\n';
  assert.equal(replaceBlock(text, 'x', 'new\n'), 'a\n<!-- generated:x -->\n\nnew\n\n<!-- /generated:x -->\nb\n');
});

for (const text of ['', '<!-- generated:x -->', '<!-- /generated:x --><!-- generated:x -->']) {
  test(`a block without a place is an error that names the markers: ${JSON.stringify(text)}`, () => {
    assert.throws(() => replaceBlock(text, 'x', ''), /add the lines <!-- generated:x --> and <!-- \/generated:x -->/);
  });
}
