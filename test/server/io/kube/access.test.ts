import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type KubeAccess, type KubeAccessOptions, loadKubeAccess } from '../../../../server/io/kube/access.ts';

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kube-access-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function load(options: Partial<KubeAccessOptions>) {
  return loadKubeAccess({ inCluster: false, kubeApi: '', kubeconfig: '~/.kube/config', env: {}, ...options });
}

async function access(options: Partial<KubeAccessOptions>): Promise<KubeAccess> {
  const loaded = await load(options);
  if ('fault' in loaded) assert.fail(loaded.fault.message);
  return loaded.access;
}

async function fault(options: Partial<KubeAccessOptions>) {
  const loaded = await load(options);
  return 'fault' in loaded ? loaded.fault : assert.fail('there is no fault');
}

const kubeconfig = (user = '', context = 'cluster: here, user: me') => `
current-context: now
clusters: [{name: here, cluster: {server: "https://example.test:6443/base/", certificate-authority-data: Y2E=}}]
contexts: [{name: now, context: {${context}}}]
users: [{name: me, user: {${user}}}]
`;

function file(context: TestContext, text: string): string {
  const path = join(folderOf(context), 'config');
  writeFileSync(path, text);
  return path;
}

test('reads server, CA and token of a kubeconfig', async (context) => {
  const found = await access({ kubeconfig: file(context, kubeconfig('token: secret')) });
  assert.equal(found.server.href, 'https://example.test:6443/base');
  const options = await found.requestOptions();
  assert.equal(String(options.ca), 'ca');
  assert.deepEqual(options.headers, { Authorization: 'Bearer secret' });
});

test('reads a client certificate and a password', async (context) => {
  const user = 'client-certificate-data: Y2VydA==, client-key-data: a2V5, username: u, password: p';
  const options = await (await access({ kubeconfig: file(context, kubeconfig(user)) })).requestOptions();
  assert.deepEqual([String(options.cert), String(options.key), options.auth], ['cert', 'key', 'u:p']);
});

test('runs the command of an exec plugin', async (context) => {
  const folder = folderOf(context);
  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'from-plugin' },
  };
  writeFileSync(join(folder, 'credential.json'), JSON.stringify(credential));
  const user = `exec: {apiVersion: client.authentication.k8s.io/v1, command: cat, args: ["${join(folder, 'credential.json')}"]}`;
  const options = await (await access({ kubeconfig: file(context, kubeconfig(user)) })).requestOptions();
  assert.deepEqual(options.headers, { Authorization: 'Bearer from-plugin' });
});

test('checks the certificate of the server for a context without a user too', async (context) => {
  const options = await (await access({ kubeconfig: file(context, kubeconfig('', 'cluster: here')) })).requestOptions();
  assert.equal(String(options.ca), 'ca');
});

test('finds the default kubeconfig in the home folder', async (context) => {
  const home = folderOf(context);
  const { code, message } = await fault({ kubeconfig: '~/config', env: { HOME: home } });
  assert.equal(code, 'kubeconfig-missing');
  assert.ok(message.startsWith(join(home, 'config')));
});

test('lets --kube-api replace the server of the kubeconfig', async (context) => {
  const found = await access({ kubeconfig: file(context, kubeconfig('token: secret')), kubeApi: 'https://other.test' });
  assert.equal(found.server.href, 'https://other.test/');
  assert.equal(String((await found.requestOptions()).ca), 'ca');
});

test('goes to --kube-api as nobody when there is no default kubeconfig', async () => {
  const found = await access({ kubeApi: 'http://localhost:8001', env: { HOME: '/nowhere' } });
  assert.equal(found.server.href, 'http://localhost:8001/');
  assert.deepEqual((await found.requestOptions()).headers, {});
});

function podFolder(context: TestContext): string {
  const folder = folderOf(context);
  writeFileSync(join(folder, 'ca.crt'), 'pod-ca');
  writeFileSync(join(folder, 'token'), 'pod-token');
  return folder;
}

const podEnv = { HOME: '/nowhere', KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

test('uses what the kubelet gives a pod', async (context) => {
  const found = await access({ inCluster: true, env: podEnv, serviceAccountFolder: podFolder(context) });
  assert.equal(found.server.href, 'https://10.0.0.1/');
  const options = await found.requestOptions();
  assert.equal(String(options.ca), 'pod-ca');
  assert.deepEqual(options.headers, { Authorization: 'Bearer pod-token' });
});

test('puts an IPv6 address in brackets', async () => {
  const found = await access({ inCluster: true, env: { ...podEnv, KUBERNETES_SERVICE_HOST: 'fd00::1' } });
  assert.equal(found.server.href, 'https://[fd00::1]/');
});

test('reads the token again after a refresh', async (context) => {
  const folder = podFolder(context);
  const found = await access({ inCluster: true, env: podEnv, serviceAccountFolder: folder });
  await found.requestOptions();
  writeFileSync(join(folder, 'token'), 'rotated');
  found.refresh();
  assert.deepEqual((await found.requestOptions()).headers, { Authorization: 'Bearer rotated' });
});

test('falls back to the credentials of the pod when the default kubeconfig does not exist', async (context) => {
  const found = await access({ env: podEnv, serviceAccountFolder: podFolder(context) });
  assert.deepEqual((await found.requestOptions()).headers, { Authorization: 'Bearer pod-token' });
});

test('does not fall back when a kubeconfig was asked for', async () => {
  const { code, message } = await fault({ kubeconfig: '/nowhere/config', env: podEnv });
  assert.equal(code, 'kubeconfig-missing');
  assert.equal(
    message,
    '/nowhere/config does not exist: pass a kubeconfig with --kubeconfig, or --in-cluster inside a cluster',
  );
});

test('says that it is not in a pod', async () => {
  assert.equal((await fault({ inCluster: true })).code, 'kube-not-in-cluster');
});

test('keeps one pool of connections for all requests', async (context) => {
  const found = await access({ kubeconfig: file(context, kubeconfig('token: secret')) });
  const [first, second] = [await found.requestOptions(), await found.requestOptions()];
  assert.ok(first.agent);
  assert.equal(first.agent, second.agent);
});

test("uses the package's agent for a cluster behind a proxy", async (context) => {
  const text = kubeconfig('token: secret').replace(
    'certificate-authority-data',
    'proxy-url: "http://proxy.test:3128", certificate-authority-data',
  );
  const { agent } = await (await access({ kubeconfig: file(context, text) })).requestOptions();
  assert.equal(agent?.constructor.name, 'HttpsProxyAgent');
});

const faults: readonly (readonly [string, string, string, RegExp])[] = [
  ['no YAML', 'a: [b', 'kubeconfig-malformed', /is not a kubeconfig: /],
  ['an empty file', '', 'kubeconfig-malformed', /is not a kubeconfig: .*empty/],
  ['a document without content', 'null', 'kubeconfig-malformed', /it is not a mapping/],
  [
    'a cluster without a server',
    'clusters: [{name: a, cluster: {}}]',
    'kubeconfig-malformed',
    /clusters\[0\]\.cluster\.server is missing/,
  ],
  [
    'no current context',
    'contexts: [{name: a, context: {cluster: b}}]',
    'kubeconfig-no-context',
    /set it to one of \[a\]/,
  ],
  ['an unknown context', 'current-context: b', 'kubeconfig-unknown-name', /no context "b"/],
  ['an unknown cluster', kubeconfig('', 'cluster: there'), 'kubeconfig-unknown-name', /no cluster "there"/],
  [
    'a key that is not there',
    kubeconfig('client-key: /nowhere/key.pem', 'cluster: here, user: me'),
    'kubeconfig-malformed',
    /names a file that does not exist: \/nowhere\/key\.pem/,
  ],
  ['an unknown user', kubeconfig('', 'cluster: here, user: you'), 'kubeconfig-unknown-name', /no user "you"/],
  ['a server that is no URL', kubeconfig().replace('https:', 'ftp:'), 'kube-bad-url', /"ftp:.*--kube-api/],
];

for (const [what, text, code, message] of faults) {
  test(`says what is wrong with a kubeconfig that has ${what}`, async (context) => {
    const found = await fault({ kubeconfig: file(context, text) });
    assert.equal(found.code, code);
    assert.match(found.message, message);
  });
}

test('does not quote a broken kubeconfig, which may hold a token', async (context) => {
  const { message } = await fault({ kubeconfig: file(context, 'users: [{name: me, user: {token: s3cret]') });
  assert.doesNotMatch(message, /s3cret/);
});

test('says that a kubeconfig cannot be read', async (context) => {
  assert.equal((await fault({ kubeconfig: folderOf(context) })).code, 'kubeconfig-unreadable');
});
