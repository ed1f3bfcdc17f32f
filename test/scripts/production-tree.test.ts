import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Metafile } from 'esbuild';
import { readProductionTree } from '../../scripts/production-tree.ts';
import { tempFolder } from '../support/temp-folder.ts';

type Import = Metafile['inputs'][string]['imports'][number];

const input = (...paths: readonly string[]) => ({
  bytes: 9,
  imports: paths.map((path): Import => ({ path, kind: 'import-statement' })),
});
const output = (entryPoint: string, inputs: Readonly<Record<string, number>>): Metafile['outputs'][string] => ({
  bytes: 99,
  inputs: Object.fromEntries(Object.entries(inputs).map(([path, bytes]) => [path, { bytesInOutput: bytes }])),
  imports: [],
  exports: [],
  entryPoint,
});

const metafile: Metafile = {
  inputs: {
    'server/main.ts': input('node_modules/a/index.js', 'server/late.ts', 'builtin:node:fs'),
    'server/late.ts': input('absent:b'),
    'absent:b': { bytes: 9, imports: [{ path: './b.js', kind: 'require-call', external: true }] },
    'late:b': input('node_modules/@s/b/lib/index.js'),
    'node_modules/a/index.js': input('node_modules/a/other.js', 'node_modules/a/node_modules/c/index.js', 'absent:d#2'),
    'node_modules/a/other.js': input('node_modules/gone/index.js'),
    'node_modules/a/node_modules/c/index.js': input(),
    'node_modules/c/index.js': input(),
    'node_modules/@s/b/lib/index.js': input('node_modules/c/index.js'),
    'node_modules/gone/index.js': input(),
    'absent:d#2': input(),
    'builtin:node:fs': input(),
  },
  outputs: {
    'build/server/main.js': output('server/main.ts', {
      'server/main.ts': 50,
      'server/late.ts': 5,
      'node_modules/a/index.js': 20,
      'node_modules/a/other.js': 3,
      'node_modules/a/node_modules/c/index.js': 5,
      'node_modules/gone/index.js': 0,
      'absent:d#2': 4,
      'builtin:node:fs': 2,
    }),
    'build/server/b.js': output('late:b', { 'node_modules/@s/b/lib/index.js': 7, 'node_modules/c/index.js': 6 }),
  },
};

/** A folder with these packages installed, each of a version of its own but the two copies of c. */
function install(t: TestContext): string {
  const root = tempFolder(t);
  const packages: Record<string, object> = {};
  for (const folder of ['a', '@s/b', 'a/node_modules/c', 'c', 'gone']) {
    const path = `node_modules/${folder}`;
    packages[path] = { version: folder.endsWith('c') ? '3.0.0' : '1.0.0', integrity: `sha512-${folder}` };
    mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, path, 'package.json'), JSON.stringify(folder === 'a' ? {} : { license: 'MIT' }));
  }
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }));
  return root;
}

test('packages are those with bytes in the outputs; copies of one version are one', (t) => {
  const { packages } = readProductionTree(metafile, install(t));
  assert.deepEqual(
    packages.map(({ name, version, bytes, integrity }) => [name, version, bytes, integrity]),
    [
      ['@s/b', '1.0.0', 7, 'sha512-@s/b'],
      ['a', '1.0.0', 23, 'sha512-a'],
      ['c', '3.0.0', 11, 'sha512-a/node_modules/c'],
    ],
  );
});

test('a licence is what the package says, and empty when it says nothing', (t) => {
  const { packages } = readProductionTree(metafile, install(t));
  assert.deepEqual(
    packages.map(({ license }) => license),
    ['MIT', '', 'MIT'],
  );
});

test('a package is in the files that have parts of it', (t) => {
  const { packages } = readProductionTree(metafile, install(t));
  assert.deepEqual(
    packages.map(({ files }) => files),
    [['b.js'], ['main.js'], ['b.js', 'main.js']],
  );
});

test('imports lead through what stands in for a package, into other files, and not to what fell away', (t) => {
  const { packages, imports } = readProductionTree(metafile, install(t));
  assert.deepEqual(imports, ['@s/b@1.0.0', 'a@1.0.0']);
  assert.deepEqual(
    packages.map(({ imports }) => imports),
    [['c@3.0.0'], ['c@3.0.0'], []],
  );
});
