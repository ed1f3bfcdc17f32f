import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { deadLinks } from './support/links.ts';
import { root } from './support/program.ts';

const paths = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: root })];

for (const path of paths) {
  test(`what ${path} links to is there`, () => assert.deepEqual(deadLinks(root, path), []));
}
