import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BundledPackage } from '../../scripts/production-tree.ts';
import { nameOf, renderSbom, type Sbom, sbomPath } from '../../scripts/sbom.ts';
import { root } from '../support/program.ts';

const built = JSON.parse(readFileSync(join(root, sbomPath), 'utf8'));
const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const program = { name: 'shop', version: '1.0.0', description: 'Sells', license: 'MIT' };
const plank: BundledPackage = {
  name: '@wood/plank',
  version: '2.0.0',
  license: 'ISC',
  folder: 'node_modules/@wood/plank',
  integrity: 'sha512-AP8= sha1-AQ==',
  bytes: 7,
  files: ['main.js'],
  imports: ['nail@1.0.0'],
};
const nail: BundledPackage = { ...plank, name: 'nail', version: '1.0.0', imports: [] };
const tree = { packages: [plank, nail], imports: ['@wood/plank@2.0.0'] };

test('a package is a library with its purl, version, licence, hashes in hex, size and files', () => {
  const sbom = JSON.parse(renderSbom(program, tree)) as Sbom;
  assert.deepEqual(sbom.components[0], {
    type: 'library',
    'bom-ref': 'pkg:npm/%40wood/plank@2.0.0',
    group: '@wood',
    name: 'plank',
    version: '2.0.0',
    purl: 'pkg:npm/%40wood/plank@2.0.0',
    licenses: [{ license: { id: 'ISC' } }],
    hashes: [
      { alg: 'SHA-512', content: '00ff' },
      { alg: 'SHA-1', content: '01' },
    ],
    properties: [
      { name: 'pod-identity-webhook:bytes', value: '7' },
      { name: 'pod-identity-webhook:file', value: 'main.js' },
    ],
  });
});

test('the bill says who imports whom, from the program down', () => {
  assert.deepEqual(JSON.parse(renderSbom(program, tree)).dependencies, [
    { ref: 'pkg:npm/shop@1.0.0', dependsOn: ['pkg:npm/%40wood/plank@2.0.0'] },
    { ref: 'pkg:npm/%40wood/plank@2.0.0', dependsOn: ['pkg:npm/nail@1.0.0'] },
    { ref: 'pkg:npm/nail@1.0.0', dependsOn: [] },
  ]);
});

for (const integrity of ['', 'md5-AP8=']) {
  test(`a package with the integrity "${integrity}" is an error that names it`, () => {
    const packages = [{ ...nail, integrity }];
    assert.throws(
      () => renderSbom(program, { packages, imports: [] }),
      /integrity of nail .* install it from a registry/,
    );
  });
}

test('the same bundle makes the same bill', () => assert.equal(renderSbom(program, tree), renderSbom(program, tree)));

test('the built bill has what CycloneDX 1.6 demands', () => {
  assert.deepEqual([built.bomFormat, built.specVersion, built.version], ['CycloneDX', '1.6', 1]);
  assert.deepEqual(
    Object.keys(built).filter((key) => !fields.has(key)),
    [],
  );
  const refs: readonly string[] = [built.metadata.component, ...built.components].map((each) => each['bom-ref']);
  assert.equal(new Set(refs).size, refs.length);
  assert.deepEqual(
    built.dependencies.map(({ ref }: { ref: string }) => ref),
    refs,
  );
  for (const { dependsOn } of built.dependencies as readonly { readonly dependsOn: readonly string[] }[]) {
    assert.deepEqual(dependsOn, [...new Set(dependsOn)]);
    assert.deepEqual(
      dependsOn.filter((ref) => !refs.includes(ref)),
      [],
    );
  }
  for (const { type, name, version, purl, hashes } of built.components) {
    assert.equal(type, 'library');
    assert.ok(name !== '' && version !== '', purl);
    assert.match(purl, /^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+$/);
    assert.match(hashes[0].content, /^[0-9a-f]{128}$/, purl);
  }
});

/** Top-level fields that the schema knows and we use. */
const fields = new Set(['$schema', 'bomFormat', 'specVersion', 'version', 'metadata', 'components', 'dependencies']);

test('the built bill is of this program at this version, and says what the base image has to tell', () => {
  const { component, properties } = built.metadata;
  assert.deepEqual([component.name, component.version], [manifest.name, manifest.version]);
  assert.match(properties[0].value, /Node.*base image/);
  assert.equal('timestamp' in built.metadata || 'serialNumber' in built, false);
});

test('the built bill lists the packages that the source maps of the bundle name, and no others', () => {
  const sources = globSync('build/server/**/*.js.map', { cwd: root }).flatMap(
    (path): readonly string[] => JSON.parse(readFileSync(join(root, path), 'utf8')).sources,
  );
  const folders = sources.flatMap(
    (source) => /node_modules\/.*node_modules\/(@[^/]+\/)?[^/]+|node_modules\/(@[^/]+\/)?[^/]+/.exec(source)?.[0] ?? [],
  );
  const ids = folders.map((folder) => `${folder.split('node_modules/').at(-1)}@${lockfile.packages[folder].version}`);
  const listed = (built as Sbom).components.map((each) => `${nameOf(each)}@${each.version}`);
  assert.ok(listed.length > 10);
  assert.deepEqual(listed, [...new Set(ids)].sort());
});

test('the image has all of build/server in /app, the bill and the licences with it', () => {
  assert.match(readFileSync(join(root, 'Dockerfile'), 'utf8'), /^COPY [^\n]*build\/server\/ \/app\/$/m);
  assert.match(readFileSync(join(root, '.dockerignore'), 'utf8'), /^!build\/server$/m);
});
