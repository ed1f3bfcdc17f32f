import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bounded, startProcess } from '../support/program.ts';
import { tempFolder } from '../support/temp-folder.ts';

const image = 'registry.example.com/pod-identity-webhook:1';
const nobody = 'system:serviceaccount:eks:iam-for-pods';
const requests = { items: [{ metadata: { name: 'csr-1' }, spec: { username: nobody, signerName: 'a/b' } }] };

/** Runs a script with a kubectl that writes down what it is asked, answers lists, and fails as it is told. */
async function runScript(t: TestContext, name: string, env: NodeJS.ProcessEnv, kubectl = '') {
  const folder = tempFolder(t);
  const asked = join(folder, 'asked');
  writeFileSync(asked, '');
  const answers = `case "$*" in *certificatesigningrequests*-o\\ json) echo '${JSON.stringify(requests)}';; esac`;
  writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\necho "$*" >> ${asked}\n${kubectl}\n${answers}\n`);
  chmodSync(join(folder, 'kubectl'), 0o755);
  const surroundings = { PATH: `${folder}:/bin:/usr/bin`, IMAGE: '', ...env };
  const program = startProcess(t, { command: process.execPath, args: [`scripts/${name}.ts`], env: surroundings });
  const code = await program.ended;
  return { code, ...program.output, asked: readFileSync(asked, 'utf8').trim().split('\n') };
}

test('cluster-up without an image asks for one and touches no cluster', bounded, async (t) => {
  const { code, stderr, asked } = await runScript(t, 'cluster-up', {});
  assert.equal(code, 1);
  assert.match(stderr, /^make cluster-up: IMAGE is not set: make cluster-up IMAGE=/);
  assert.deepEqual(asked, ['']);
});

test('cluster-up without a sound time limit says what it must be', bounded, async (t) => {
  const { stderr } = await runScript(t, 'cluster-up', { IMAGE: image, TIMEOUT: 'soon' });
  assert.match(stderr, /TIMEOUT is soon: it must be a number of seconds above 0/);
});

test('without kubectl it says where to get it', bounded, async (t) => {
  const { code, stderr } = await runScript(t, 'cluster-up', { IMAGE: image, PATH: '' });
  assert.equal(code, 1);
  assert.match(stderr, /kubectl is not on the PATH: install it/);
});

test('without a cluster it repeats what kubectl says and how to name one', bounded, async (t) => {
  const refuse = 'echo "The connection to the server localhost:8080 was refused" >&2; exit 1';
  const { code, stderr } = await runScript(t, 'cluster-up', { IMAGE: image }, refuse);
  assert.equal(code, 1);
  assert.match(stderr, /no cluster answers: .*localhost:8080 was refused\nKUBECONFIG=<file>/);
});

test('cluster-down removes the registration first and signing requests last', bounded, async (t) => {
  const { code, stderr, asked } = await runScript(t, 'cluster-down', {});
  assert.deepEqual([code, stderr], [0, '']);
  const removed = asked.filter((line) => line.startsWith('delete'));
  assert.match(removed[0] ?? '', /^delete mutatingwebhookconfigurations iam-for-pods /);
  assert.match(removed.at(-1) ?? '', /^delete certificatesigningrequests csr-1 /);
});

/** Writes an app that renders the webhook into a namespace that is not its own. @param args of its container */
function writeApp(t: TestContext, args: readonly string[]): string {
  const path = join(tempFolder(t), 'app.mjs');
  const deployment = {
    kind: 'Deployment',
    metadata: { name: 'webhook', namespace: 'shared', labels: { 'app.kubernetes.io/name': 'pod-identity-webhook' } },
    spec: { selector: { matchLabels: {} }, template: { spec: { containers: [{ args }] } } },
  };
  const write = `mkdirSync(process.env.CDK8S_OUTDIR, { recursive: true });
writeFileSync(process.env.CDK8S_OUTDIR + '/app.yaml', ${JSON.stringify(JSON.stringify(deployment))});`;
  writeFileSync(path, `import { mkdirSync, writeFileSync } from 'node:fs';\n${write}\n`);
  return path;
}

test('in a namespace of others, cluster-down deletes the Secret only if the webhook made it', bounded, async (t) => {
  const { code, stderr, asked } = await runScript(t, 'cluster-down', { APP: writeApp(t, ['--tls-secret=tls']) });
  assert.deepEqual([code, stderr], [0, '']);
  const which = '--selector=app.kubernetes.io/managed-by=pod-identity-webhook --field-selector=metadata.name=tls';
  const removed = asked.filter((line) => line.startsWith('delete secret'));
  assert.deepEqual(removed, [`delete secret ${which} --namespace=shared --ignore-not-found --timeout=120s`]);
});

test('cluster-down deletes no Secret where the certificate is a mounted file', bounded, async (t) => {
  const app = writeApp(t, ['--tls-secret=tls', '--tls-cert=/certs/tls.crt', '--tls-key=/certs/tls.key']);
  const { code, asked } = await runScript(t, 'cluster-down', { APP: app });
  assert.equal(code, 0);
  assert.deepEqual(
    asked.filter((line) => line.startsWith('delete secret')),
    [],
  );
});
