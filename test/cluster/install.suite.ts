/** `make cluster-up` on an empty cluster, what pods get then, how it heals, and `make cluster-down`. Tests run in this order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folder as manifests } from '../../scripts/manifests.ts';
import { createAccount, createPod, eventually, setRole, tryOutPod } from './fixture.ts';
import { type Installed, image, untilMutated, webhookName, webhookNamespace } from './installed.ts';
import { tokenIssuer } from './layout.ts';
import { hasIdentity, readGiven, roleArn } from './pods.ts';
import { ownOnly, useInstalled } from './suite.ts';
import { type KeySet, verifyToken } from './token-verifier.ts';

let installed: Installed;
let kindsOfTheCluster: readonly string[] = [];
let objectsBefore: ReadonlySet<string> = new Set();
useInstalled((opened) => {
  installed = opened;
});

const kubectl = (...args: readonly string[]) => installed.target.kubectl(args);
const registration = ['mutatingwebhookconfiguration', webhookName];
const readBundle = () => kubectl('get', ...registration, '-o', 'jsonpath={.webhooks[*].clientConfig.caBundle}');

test('cluster-up on an empty cluster ends with a webhook that gives pods their identity', ownOnly, async (context) => {
  kindsOfTheCluster = (await kubectl('api-resources', '--verbs=list,delete', '-o', 'name')).trim().split('\n');
  objectsBefore = new Set(await listObjects());
  const { output, readyMs, mutatedMs } = await installed.up();
  assert.match(output, /2 of 2 pods ready\n\nThe webhook is ready\. Next/);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  context.diagnostic(`from apply to ready: ${seconds(readyMs)}; to the first mutated pod: ${seconds(mutatedMs)}`);
});

test('a container that is not root reads a token that STS would take', ownOnly, async () => {
  const show =
    'console.log(JSON.stringify([process.env.AWS_ROLE_ARN, fs.readFileSync(process.env.AWS_WEB_IDENTITY_TOKEN_FILE, "utf8")]))';
  const containers = [{ name: 'app', image, imagePullPolicy: 'Never', command: ['node', '-e', show] }];
  await createPod(installed, 'shown', 'app', { restartPolicy: 'Never', containers });
  const phase = () => kubectl('get', 'pod', 'shown', '--namespace=app', '-o', 'jsonpath={.status.phase}');
  await eventually('the pod has run', async () => /Succeeded|Failed/.test(await phase()));
  const [role, token] = JSON.parse(await kubectl('logs', 'shown', '--namespace=app')) as [string, string];
  assert.equal(role, roleArn('app'));
  const keySet = (await installed.target.api.call('GET', '/openid/v1/jwks')).body as unknown as KeySet;
  const subject = 'system:serviceaccount:app:app';
  const expected = { issuer: tokenIssuer, audience: 'sts.amazonaws.com', subject, nowSeconds: Date.now() / 1000 };
  const claims = verifyToken(token, keySet, expected);
  assert.equal(claims.exp - claims.iat, 86_400);
});

test('applying a second time changes nothing', ownOnly, async () => {
  // kubectl's own words are no measure: it sends a patch for the selector of a PodDisruptionBudget whether it differs or not
  const column = 'custom-columns=:.kind,:.metadata.name,:.metadata.resourceVersion';
  const versions = () => kubectl('get', '-f', manifests, '--no-headers', '-o', column);
  const before = await versions();
  await kubectl('apply', '-f', manifests);
  assert.equal(await versions(), before);
});

test('a wiped caBundle is put back', ownOnly, async (context) => {
  const bundle = await readBundle();
  assert.notEqual(bundle, '');
  const wipe = JSON.stringify([{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: '' }]);
  await heals(context, () => kubectl('patch', ...registration, '--type=json', `--patch=${wipe}`));
  await eventually('the bundle is as it was', async () => (await readBundle()) === bundle);
});

test('a deleted Secret is made again, and trust follows', ownOnly, async (context) => {
  await heals(context, () => kubectl('delete', 'secret', webhookName, `--namespace=${webhookNamespace}`));
  const read = () =>
    kubectl('get', 'secret', webhookName, `--namespace=${webhookNamespace}`, '--ignore-not-found', '-o', 'name');
  await eventually('the Secret is there', async () => (await read()) !== '');
  await untilMutated(installed);
});

test('a registration that is deleted and applied again is trusted again', ownOnly, async (context) => {
  await kubectl('delete', ...registration);
  assert.equal(hasIdentity(await tryOutPod(installed, 'app')), false);
  await heals(context, () => kubectl('apply', '-f', manifests));
});

test('pods stay up and go on when the API server restarts', ownOnly, async (context) => {
  const describe = '{range .items[*]}{.metadata.name} {.status.containerStatuses[*].restartCount}{"\\n"}{end}';
  const pods = () => kubectl('get', 'pods', `--namespace=${webhookNamespace}`, '-o', `jsonpath=${describe}`);
  const before = await pods();
  await heals(context, () => installed.cluster.restartApiServer());
  await createAccount(installed, 'later', 'later');
  await setRole(installed, 'app', 'other');
  const hasRole = async () => readGiven(await tryOutPod(installed, 'app'))[0]?.env.AWS_ROLE_ARN === roleArn('other');
  await eventually('the new role is followed', hasRole);
  assert.ok(hasIdentity(await tryOutPod(installed, 'later')));
  assert.equal(await pods(), before);
});

test('cluster-up says why when the image is not to be had', ownOnly, async () => {
  await assert.rejects(
    installed.up('no-image'),
    /the image cannot be had: ErrImageNeverPull.*\nIMAGE is localhost\/none:1/,
  );
});

test('cluster-down leaves nothing', ownOnly, async () => {
  const lines = (await installed.down()).trim().split('\n');
  assert.match(lines[1] ?? '', /^mutatingwebhookconfiguration.* "iam-for-pods" deleted/);
  await kubectl('delete', 'pod', 'shown', '--namespace=app');
  await kubectl('delete', 'serviceaccount', 'later', '--namespace=app');
  const left = (await listObjects()).filter((object) => !objectsBefore.has(object));
  assert.deepEqual(left, []);
  assert.match(await installed.down(), /^removing .*\n$/, 'a second time there is nothing to do');
});

/** Says how long it takes from the harm until pods are mutated again, when it was seen at all. */
async function heals(context: { diagnostic(line: string): void }, harm: () => Promise<unknown>): Promise<void> {
  await harm();
  const begun = performance.now();
  await untilMutated(installed);
  context.diagnostic(`healed within ${Math.round(performance.now() - begun)} ms`);
}

/** Returns every object of the cluster as `<namespace> <kind> <name>`; events and leases come and go by themselves. */
async function listObjects(): Promise<readonly string[]> {
  const kinds = kindsOfTheCluster.filter((kind) => !/^(events|leases|csistoragecapacities)(\.|$)/.test(kind));
  const columns = 'custom-columns=:.metadata.namespace,:.kind,:.metadata.name';
  const listed = await kubectl('get', kinds.join(','), '--all-namespaces', '--no-headers', '-o', columns);
  return listed
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/).join(' '));
}
