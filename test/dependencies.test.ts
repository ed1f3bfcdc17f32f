import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './support/program.ts';

const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  /** It comes inside another package's tarball, whose hash covers it. */
  readonly inBundle?: boolean;
}
const locked = Object.entries<Locked>(read('package-lock.json').packages);
const installed = locked.filter(([folder]) => folder.includes('node_modules/'));

for (const path of ['package.json', 'runtime/package.json']) {
  test(`each dependency in ${path} is pinned to one version`, () => {
    const { dependencies, devDependencies, optionalDependencies } = read(path);
    const all = Object.entries<string>({ ...dependencies, ...devDependencies, ...optionalDependencies });
    assert.ok(all.length > 0);
    const loose = all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    const wayOut = 'give the version that package-lock.json has: npm install --save-exact';
    assert.deepEqual(
      loose.map(([name, version]) => `${name} is "${version}": ${wayOut}`),
      [],
    );
  });
}

test('only peers have ranges: users of the constructs bring their own', () => {
  assert.deepEqual(Object.keys(read('package.json').peerDependencies), ['cdk8s', 'cdk8s-plus-27', 'constructs']);
});

test('each entry of the lockfile has a hash', () => {
  assert.ok(installed.length > 100);
  const bare = installed.filter(
    ([, { link, inBundle, integrity }]) => !link && !inBundle && !/^sha512-./.test(integrity ?? ''),
  );
  assert.deepEqual(
    bare.map(([folder]) => `${folder} has no sha512: delete it from package-lock.json and npm install`),
    [],
  );
});

test('each entry of the lockfile comes from a registry, the workspace aside', () => {
  const foreign = installed.filter(([folder, { resolved = '', link }]) => {
    const name = folder.split('node_modules/').at(-1);
    return !link && resolved !== '' && !(resolved.startsWith('https://') && resolved.includes(`/${name}/-/`));
  });
  assert.deepEqual(
    foreign.map(([folder, { resolved }]) => `${folder} comes from ${resolved}: take a published version`),
    [],
  );
  assert.deepEqual(
    installed.filter(([, { link }]) => link).map(([folder]) => folder),
    ['node_modules/runtime'],
  );
});
