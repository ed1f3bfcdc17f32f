import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { find, type Manifest } from './support/charts.ts';
import { commands, shownCertificates, shownImage, shownPrograms, synthCommands } from './support/documents.ts';
import { bounded } from './support/program.ts';
import { copyTree, quietEnv } from './support/tree-copy.ts';

const outer = mkdtempSync(join(tmpdir(), 'pod-identity-webhook-readme-'));
const tree = join(outer, 'tree');
before(() => copyTree(tree));
after(() => rmSync(outer, { recursive: true, force: true }));

const run = (command: string) =>
  execFileSync('sh', ['-c', command], { cwd: tree, env: { ...process.env, ...quietEnv }, encoding: 'utf8' });
const read = (path: string) => readFileSync(join(tree, path), 'utf8');
const readManifests = (path: string) => parseAllDocuments(read(path)).map((row) => row.toJS() as Manifest);

for (const command of synthCommands) {
  test(`${command} renders dist/ with that image`, bounded, () => {
    rmSync(join(tree, 'dist'), { recursive: true, force: true });
    run(command);
    const line = `image: ${shownImage}\n`;
    assert.ok(read('dist/pod-identity-webhook.k8s.yaml').includes(line), `there is no ${line}`);
  });
}

test('npm pack makes a package of the constructs, with their types', bounded, () => {
  assert.ok(commands.includes('npm pack'));
  const archive = run('npm pack --silent').trim();
  const files = run(`tar --list --file ${archive}`).split('\n');
  for (const file of ['build/constructs/charts/index.js', 'build/constructs/charts/index.d.ts']) {
    assert.ok(files.includes(`package/${file}`), `${file} is not in ${archive}`);
  }
});

test('the programs that are shown fit the types of the package', bounded, () => {
  assert.equal(shownPrograms.length, 2);
  for (const [at, program] of shownPrograms.entries()) writeFileSync(join(tree, `shown-${at}.ts`), program);
  const head = "import { Certificates } from 'pod-identity-webhook';\ndeclare const caBundle: string;\n";
  const choices = `${head}export const all: Certificates[] = [${shownCertificates}];\n`;
  assert.equal(shownCertificates.length, 4);
  writeFileSync(join(tree, 'shown-certificates.ts'), choices);
  // cdk8s' own types do not fit this one, which is not among the strict ones
  const compilerOptions = { exactOptionalPropertyTypes: false };
  const config = { extends: './tsconfig.json', compilerOptions, include: ['shown-*.ts'] };
  writeFileSync(join(tree, 'shown.json'), JSON.stringify(config));
  run('node_modules/.bin/tsc -p shown.json');
});

test('the program of README.md renders the webhook and an app with an identity', bounded, () => {
  run('CDK8S_OUTDIR=shown-0 node_modules/.bin/node shown-0.ts');
  assert.ok(find(readManifests('shown-0/pod-identity-webhook.k8s.yaml'), 'MutatingWebhookConfiguration'));
  const { metadata } = find(readManifests('shown-0/my-app.k8s.yaml'), 'ServiceAccount');
  assert.deepEqual(metadata.annotations, {
    'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/s3-reader',
  });
});

test('the program of docs/install.md renders a webhook that asks a signer', bounded, () => {
  run('CDK8S_OUTDIR=shown-1 node_modules/.bin/node shown-1.ts');
  assert.match(read('shown-1/pod-identity-webhook.k8s.yaml'), /--csr-signer=beta\.eks\.amazonaws\.com\/app-serving/);
});
