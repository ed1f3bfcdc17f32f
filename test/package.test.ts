import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { flagKeys } from '../contract/flags.ts';
import { containerOf, find, type Manifest } from './support/charts.ts';
import { installPackage } from './support/installed-package.ts';
import { deadLinks } from './support/links.ts';
import { root } from './support/program.ts';

const project = installPackage();
const { packed, manifest } = project;
const paths = packed.files.map(({ path }) => path);
const constructs = 'node_modules/pod-identity-webhook/build/constructs';
const complaints = project.typeCheck('--skipLibCheck', 'false');
project.node(join(root, 'node_modules/cdk8s-cli/bin/cdk8s'), 'synth', '--check-upgrade=false');

test('the tarball has what is built and what is to be read, and no sources', () => {
  const folders = new Set(paths.map((path) => path.split('/').slice(0, -1).join('/')));
  const built = ['build/constructs/charts', 'build/constructs/contract', 'build/constructs/imports', 'build/server'];
  for (const folder of [...built, 'docs']) assert.ok(folders.has(folder), folder);
  const top = paths.filter((path) => !path.includes('/')).sort();
  assert.deepEqual(top, ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'package.json']);
  const others = paths.filter(
    (path) => !/^(build\/(constructs|server)\/|docs\/|examples\/(composed\/)?[^/]+$|[^/]+$)/.test(path),
  );
  assert.deepEqual(others, []);
  assert.deepEqual(
    paths.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts')),
    ['examples/composed/main.ts'],
  );
});

for (const path of paths.filter((each) => each.endsWith('.md'))) {
  test(`what ${path} links to is in the tarball`, () => assert.deepEqual(deadLinks(project.installed, path), []));
}

test('the tarball is below 1 MB', () => {
  assert.ok(packed.size < 1_000_000, `${packed.size} bytes in ${paths.length} files`);
});

test('nothing else is installed or run with the package', () => {
  for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies', 'bundledDependencies']) {
    assert.equal(manifest[field], undefined, `${field} would be installed by every user of the constructs`);
  }
  const hooks = ['preinstall', 'install', 'postinstall', 'prepare'];
  assert.deepEqual(
    Object.keys(manifest.scripts ?? {}).filter((name) => hooks.includes(name)),
    [],
  );
  assert.equal(project.read('package.json').includes('devDependencies'), false);
});

test('the program that comes with the package runs', () => {
  const bin = 'node_modules/.bin/pod-identity-webhook';
  assert.equal(project.node(bin, '--version'), `${manifest.version}\n`);
});

test('the example compiles against the declarations, theirs and ours', () => assert.equal(complaints, ''));

test('the example has the webhook with its props, in the order in which it is applied', () => {
  const platform = manifestsIn('dist/0000-platform.k8s.yaml');
  assert.equal(platform[0]?.kind, 'Namespace');
  assert.equal(platform.at(-1)?.kind, 'MutatingWebhookConfiguration');
  const args = containerOf(platform).args as readonly string[];
  for (const arg of ['--namespace=pod-identity', '--aws-default-region=eu-central-1', '--watch-config-map=true']) {
    assert.ok(args.includes(arg), `${arg} in ${args}`);
  }
  const { metadata, spec } = find<{ spec: { revisionHistoryLimit: number } }>(platform, 'Deployment');
  assert.equal(metadata.namespace, 'pod-identity');
  assert.equal(spec.revisionHistoryLimit, 3);
  const { data } = find<{ data: { config: string } }>(platform, 'ConfigMap');
  assert.deepEqual(JSON.parse(data.config), {
    'monitoring/prometheus-*': { RoleARN: 'arn:aws:iam::111122223333:role/metrics' },
  });
});

test("the example's pods run as the service account that has the role", () => {
  const shop = manifestsIn('dist/0001-shop.k8s.yaml');
  const [reader, worker, ...more] = shop.filter(({ kind }) => kind === 'ServiceAccount');
  assert.deepEqual(more, []);
  assert.deepEqual(reader?.metadata.annotations, {
    'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/s3-reader',
    'eks.amazonaws.com/token-expiration': '3600',
    'eks.amazonaws.com/region': 'us-west-2',
  });
  assert.deepEqual(worker?.metadata.annotations, {
    'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/queue-worker',
  });
  const { spec } = find<{ spec: { template: { spec: { serviceAccountName: string } } } }>(shop, 'Deployment');
  assert.equal(spec.template.spec.serviceAccountName, reader?.metadata.name);
});

test('what is misspelled or of a wrong type does not compile', () => {
  const call = (lines: string) => `import { Chart } from 'cdk8s';
import { IamServiceAccount, PodIdentity, PodIdentityWebhook } from 'pod-identity-webhook';
export function compose(chart: Chart): void {
${lines}
}
`;
  const wrong = [
    "new PodIdentityWebhook(chart, 'a', { image: 'a', tokenExpirations: 3600 });",
    "new PodIdentityWebhook(chart, 'a', { image: 'a', tokenExpiration: '3600' });",
    "new PodIdentityWebhook(chart, 'a', {});",
    "new IamServiceAccount(chart, 'a', { rolearn: 'a' });",
    "PodIdentity.of(chart).annotate({ roleArn: 'a', regoin: 'us-west-2' });",
  ];
  const flags = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'node20', '--target', 'es2022', 'wrong.ts'];
  project.write('wrong.ts', call(wrong.join('\n')));
  const found = project.typeCheck(...flags);
  const lines = [...found.matchAll(/^wrong\.ts\((\d+),\d+\): error/gm)].map(([, line]) => Number(line));
  assert.deepEqual(lines, [4, 5, 6, 7, 8], found);
  project.write('wrong.ts', call("new PodIdentityWebhook(chart, 'a', { image: 'a', tokenExpiration: 3600 });"));
  assert.equal(project.typeCheck(...flags), '');
});

test('editors show what every flag means: declarations keep the comments', () => {
  const text = project.read(`${constructs}/contract/flags.d.ts`);
  const bare = flagKeys.filter((key) => !new RegExp(`\\*/\\n {4}readonly ${key}: `).test(text));
  assert.deepEqual(bare, []);
});

for (const [how, code] of [
  ['import', "import { PodIdentityWebhook, Certificates } from 'pod-identity-webhook';"],
  ['require', "const { PodIdentityWebhook, Certificates } = require('pod-identity-webhook');"],
] as const) {
  test(`the constructs are there by ${how}`, () => {
    const type = how === 'import' ? 'module' : 'commonjs';
    const print = 'process.stdout.write([PodIdentityWebhook.name, Certificates.ownCa().kind].join())';
    assert.equal(project.node(`--input-type=${type}`, '--eval', `${code} ${print}`), 'PodIdentityWebhook,own-ca');
  });
}

test('users of the constructs need no Node of the newest', () => {
  assert.deepEqual(manifest.engines, { node: '>=20' });
  // a module in CommonJS is loaded by jest, ts-node and Node 20 alike
  assert.deepEqual(JSON.parse(project.read(`${constructs}/package.json`)), { type: 'commonjs' });
});

function manifestsIn(path: string): readonly Manifest[] {
  return parseAllDocuments(project.read(path)).map((document) => document.toJS());
}
