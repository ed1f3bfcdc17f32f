import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSbom, tableFaults } from '../../scripts/production-document.ts';
import { allowedLicenses, loadedWhen, productionPackages } from '../../scripts/production-packages.ts';
import { type Component, nameOf } from '../../scripts/sbom.ts';
import { root } from '../support/program.ts';

const sbom = readSbom();
const [first] = sbom.components;

test('each package of the bundle is justified, and nothing else is', () => assert.deepEqual(tableFaults(sbom), []));

test('each reason is one line', () => {
  for (const [name, reason] of Object.entries(productionPackages)) assert.match(reason, /^[^\n|]{10,120}$/, name);
});

test('a package without a reason, and a reason without a package, are named with the way out', () => {
  const stray = { ...(first as Component), name: 'stray', properties: [] } satisfies Component;
  const others = sbom.components.filter((each) => nameOf(each) !== 'koa');
  assert.deepEqual(tableFaults({ components: [...others, { ...stray, group: '@s' }] }), [
    "@s/stray is in the server's bundle without a reason: say in scripts/production-packages.ts what it is for, or keep it out",
    "koa is not in the server's bundle any more: take its row out of scripts/production-packages.ts",
  ]);
});

test('a file of the bundle that nobody says when it is loaded is named, and one that is gone', () => {
  const moved = sbom.components.map((each) => ({
    ...each,
    properties: each.properties.map(({ name, value }) => ({ name, value: value.replace(/^yaml\.js$/, 'other.js') })),
  }));
  const [unknown, gone, ...more] = tableFaults({ components: moved });
  assert.match(unknown ?? '', /^packages are in other\.js, and loadedWhen .* does not say when/);
  assert.match(gone ?? '', /^no package is in yaml\.js any more/);
  assert.deepEqual(more, []);
  assert.ok('yaml.js' in loadedWhen);
});

test('each package of the bundle has a licence that we may use it under', () => {
  const others = sbom.components.filter(({ licenses: [{ license }] }) => !allowedLicenses.includes(license.id));
  const complaints = others.map(
    (each) =>
      `${nameOf(each)} ${each.version} has the licence "${each.licenses[0].license.id}"; allowed are ${allowedLicenses.join(', ')}: ` +
      'keep it out of the bundle, or have its licence judged and add it to scripts/production-packages.ts',
  );
  assert.deepEqual(complaints, []);
});

test("each package's licence goes along with the bundle", () => {
  const text = readFileSync(join(root, 'build/server/THIRD-PARTY-LICENSES.txt'), 'utf8');
  const absent = sbom.components.filter(
    (each) => !text.includes(`\n${nameOf(each)} ${each.version} (${each.licenses[0].license.id})\n`),
  );
  assert.deepEqual(absent.map(nameOf), []);
  // these two have no file of their licence in their package
  assert.equal(text.split('No text comes with it').length - 1, 1);
  assert.match(text, /\ncopy-to [^\n]*\nkoa-compose [^\n]*\n-+\n\nNo text comes with it: its package\.json says MIT\./);
});
