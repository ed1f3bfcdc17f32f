import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { root } from './support/program.ts';

const paths = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: root })];
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Returns the anchors of the headings, as GitHub makes them. */
function anchors(path: string): readonly string[] {
  const headings = read(path).matchAll(/^#+ (.+)$/gm);
  return Array.from(headings, ([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

for (const path of paths) {
  test(`what ${path} links to is there`, () => {
    const links = Array.from(read(path).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g));
    const dead = links.filter(([, file = '', anchor]) => {
      const target = file ? join(dirname(path), file) : path;
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchors(target).includes(anchor));
    });
    assert.deepEqual(
      dead.map(([text]) => text),
      [],
    );
  });
}
