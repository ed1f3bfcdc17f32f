import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { parse } from 'yaml';
import { clusterCommands, commands, shownAccount, shownPod } from './support/documents.ts';
import { FakeApiServer } from './support/fake-api-server.ts';
import { findFreePort } from './support/free-port.ts';
import { ask, bounded, root, startProcess } from './support/program.ts';
import { answerTo, review } from './support/reviews.ts';
import { exampleReview } from './support/served.ts';
import { tempFolder } from './support/temp-folder.ts';
import { assertBuilt } from './support/tree-copy.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const outOfCluster = './node_modules/.bin/node build/server/main.js';
/** Commands that are run before this test can be: what runs them, and how. */
const runBefore = [
  ['make test', '.ci/run', /^make test$/m],
  ['npm ci', 'Makefile', /^\tnpm ci\b/m],
  ['npm run build', 'Makefile', /^\tnpm run build$/m],
] as const;

test('every command is run by a test', () => {
  const covered = ['make run', 'npm pack', ...runBefore.map(([command]) => command), ...clusterCommands];
  const uncovered = commands.filter((command) => !covered.includes(command) && !command.startsWith(outOfCluster));
  assert.deepEqual(uncovered, [], 'add a test that runs these commands of README.md and docs/');
  assert.ok(clusterCommands.length > 0);
});

for (const [command, path, pattern] of runBefore) {
  test(`${command} is run by ${path}`, () => {
    assert.ok(commands.includes(command));
    assert.match(read(path), pattern);
  });
}

test('the suite that runs the commands for a cluster is run by .ci/run', () => {
  assert.match(read('.ci/run'), /^make test-cluster$/m);
  assert.match(read('test/cluster/readme.suite.ts'), /clusterCommands/);
});

test('make run shows what the webhook adds, and ends with 0 where there is no terminal', bounded, async (t) => {
  assert.ok(commands.includes('make run'));
  assertBuilt();
  const env = { PORT: String(await findFreePort()), MAKEFLAGS: '' };
  const program = startProcess(t, { command: 'make', args: ['run'], env });
  assert.equal(await program.ended, 0, program.output.stderr);
  assert.match(
    program.output.stdout,
    /^\+ +- name: AWS_ROLE_ARN\n\+ +value: arn:aws:iam::111122223333:role\/s3-reader$/m,
  );
  assert.match(program.output.stdout, /^ {2}kind: Pod$/m);
  assert.doesNotMatch(program.output.stdout, /curl/, 'the webhook is gone: there is nothing to send to');
});

test('make run goes on serving where there is a terminal, and the review that it says can be sent is answered', {
  ...bounded,
  skip: process.platform !== 'linux' && "only the script(1) of Linux takes a terminal's program so",
}, async (t) => {
  const port = await findFreePort();
  const args = ['--quiet', '--return', '--command', 'node scripts/run.ts', '/dev/null'];
  const program = startProcess(t, { command: 'script', args, env: { PORT: String(port) } });
  for await (const _ of program.process.stdout ?? []) if (program.output.stdout.includes('Ctrl-C ends it')) break;
  const [, ca = '', file = ''] = /^curl --cacert (\S+) .* --data @(\S+) /m.exec(program.output.stdout) ?? [];
  const { text } = await ask(port, '/mutate', { body: read(file), ca: read(ca) });
  assert.equal(JSON.parse(text).response.allowed, true);
  program.process.kill('SIGTERM');
  await program.ended;
});

test("the command for the API server's machine serves reviews by a kubeconfig", bounded, async (t) => {
  const [home, port] = [tempFolder(t), await findFreePort()];
  await startApiServer(t, home);
  const command = adjust(commands.find((line) => line.startsWith(outOfCluster)) ?? '', [
    [' --port 8443 ', ` --port ${port} --metrics-port ${await findFreePort()} `],
    ['--cert-dir .run/certs', `--cert-dir ${home}/certs`],
    ['--webhook-config .run/config.yaml', `--webhook-config ${home}/config.yaml`],
  ]);
  const program = startProcess(t, { command: 'sh', args: ['-c', `exec ${command}`], env: { HOME: home } });
  await program.line('"serving"');
  const config = parse(readFileSync(join(home, 'config.yaml'), 'utf8'));
  const authority = config.clusters[0].cluster['certificate-authority-data'];
  const ca = Buffer.from(authority, 'base64').toString();
  const { text } = await ask(port, '/mutate?timeout=10s', { body: exampleReview, ca });
  assert.match(Buffer.from(JSON.parse(text).response.patch, 'base64').toString(), /role\/s3-reader/);
});

test('the service account that is shown is the example', () => {
  assert.equal(shownAccount, read('examples/service-account.yaml'));
});

test('the mutated pod that is shown is what the webhook makes of the example', async () => {
  const pod = parse(read('examples/pod.yaml'));
  const { annotations, namespace } = parse(read('examples/service-account.yaml')).metadata;
  const { reply } = await answerTo(review(pod, { namespace }), { facts: { outcome: 'cached', annotations } });
  const mutated = jsonPatch.applyPatch(pod, structuredClone(reply.patch) as Operation[]).newDocument;
  assert.deepEqual(parse(shownPod), mutated);
});

/** Starts an API server that knows the example's service account, and tells the home of it. */
async function startApiServer(t: TestContext, home: string): Promise<void> {
  const api = await FakeApiServer.start();
  t.after(() => api.stop());
  const { name, namespace, annotations } = parse(read('examples/service-account.yaml')).metadata;
  api.put(namespace, name, { annotations });
  const cluster = { name: 'c', cluster: { server: api.url } };
  const config = { clusters: [cluster], contexts: [{ name: 'a', context: { cluster: 'c' } }], 'current-context': 'a' };
  mkdirSync(join(home, '.kube'));
  writeFileSync(join(home, '.kube/config'), JSON.stringify(config));
}

/** Returns the command with other ports and paths. @throws when it has not what is to be replaced */
function adjust(command: string, changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((text, [from, to]) => {
    assert.ok(
      text.includes(from),
      `docs/install.md has no longer ${JSON.stringify(from)} in ${JSON.stringify(command)}`,
    );
    return text.replace(from, to);
  }, command);
}
