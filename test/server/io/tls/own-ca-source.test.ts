import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { ClusterRig, registration, registrationPath, secretPath, short } from './cluster-rig.ts';

/** Only a test that hangs is ended by it. */
const limits = { timeout: 30_000 };

test('makes a CA and a leaf, tells the API server, and serves, all within the start', limits, async (t) => {
  const rig = new ClusterRig(t);
  rig.api.put(registrationPath, registration());
  const { source, served } = await rig.start();
  assert.equal(served.length, 1);
  assert.equal(source.readiness(), undefined);
  assert.deepEqual(rig.distrusted, []);
  assert.deepEqual(
    rig.api.writes.map(({ method, status }) => `${method} ${status}`),
    ['POST 201', 'PATCH 200'],
  );
  const secret = rig.api.get(secretPath);
  assert.equal(secret.type, 'kubernetes.io/tls');
  assert.deepEqual(Object.keys(secret.data as object).sort(), ['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
  assert.equal(rig.secretText('tls.crt'), source.current()?.cert);
  assert.equal(rig.secretText('ca.crt'), rig.trusted.map(({ pem }) => pem).join(''));
});

test('touches only the caBundle of its own entries', limits, async (t) => {
  const rig = new ClusterRig(t);
  rig.api.put(registrationPath, registration());
  await rig.start();
  const [other, ours] = rig.api.get(registrationPath).webhooks as { clientConfig: Record<string, unknown> }[];
  assert.deepEqual(other, registration().webhooks[0]);
  const { caBundle, ...rest } = ours?.clientConfig ?? {};
  assert.ok(caBundle);
  assert.deepEqual({ ...ours, clientConfig: rest }, registration().webhooks[1]);
});

test('serves what another replica has kept, after no write of its own', limits, async (t) => {
  const rig = new ClusterRig(t);
  rig.api.put(registrationPath, registration());
  const first = await rig.start();
  const writes = rig.api.writes.length;
  const second = await rig.start();
  assert.deepEqual(second.source.current(), first.source.current());
  assert.equal(second.source.readiness(), undefined);
  assert.equal(rig.api.writes.length, writes);
});

test('replicas that start together agree on one pair', limits, async (t) => {
  const rig = new ClusterRig(t);
  rig.api.put(registrationPath, registration());
  await Promise.all([rig.start(), rig.start(), rig.start()]);
  await rig.quiet();
  const certs = new Set(rig.replicas.map(({ source }) => source.current()?.cert));
  assert.deepEqual([...certs], [rig.secretText('tls.crt')]);
  assert.equal(rig.api.writes.filter(({ method, status }) => method === 'POST' && status === 201).length, 1);
  assert.equal(rig.trusted.length, 1);
  assert.deepEqual(rig.distrusted, []);
});

test('rotates leaf and CA so that the API server trusts every replica at every moment', limits, async (t) => {
  const rig = new ClusterRig(t, short);
  rig.api.put(registrationPath, registration());
  await Promise.all([rig.start(), rig.start()]);
  const [firstCa] = rig.trusted;
  await rig.pass(600_000, () => {
    for (const { source } of rig.replicas) {
      assert.ok(rig.isTrusted(source.current()), `not trusted at ${new Date(rig.clock.nowMs()).toISOString()}`);
      assert.equal(source.readiness(), undefined);
    }
    assert.ok(rig.trusted.length <= 2);
  });
  assert.deepEqual(rig.distrusted, []);
  assert.ok(!rig.trusted.some(({ pem }) => pem === firstCa?.pem), 'the first CA is given up');
  assert.ok(rig.replicas.every(({ served }) => served.length > 10));
  assert.equal(rig.secretText('ca.crt'), rig.trusted.map(({ pem }) => pem).join(''));
});

test('sets the caBundle again when something wipes it', limits, async (t) => {
  const rig = new ClusterRig(t);
  rig.api.put(registrationPath, registration());
  const { log, metrics, source } = await rig.start();
  rig.api.put(registrationPath, registration());
  assert.match(source.readiness() ?? '', /^the caBundle lacks the CA of the certificate/);
  await rig.quiet();
  assert.ok(rig.isTrusted(source.current()));
  assert.equal(source.readiness(), undefined);
  assert.ok(log.messages.includes('somebody has wiped the caBundle; setting it again'));
  assert.deepEqual(metrics.of('survived'), [['ca-bundle-wiped']]);
});

test('does not fight at full speed with something that wipes the caBundle again and again', limits, async (t) => {
  const rig = new ClusterRig(t);
  rig.api.put(registrationPath, registration());
  await rig.start();
  for (let i = 0; i < 50; i++) {
    rig.api.put(registrationPath, registration());
    await rig.quiet();
  }
  assert.ok(rig.api.writes.length < 10, `${rig.api.writes.length} writes`);
  await rig.pass(10_000);
  assert.equal(rig.trusted.length, 1);
});

test('waits for a registration that is not there yet, unready, and says so', limits, async (t) => {
  const rig = new ClusterRig(t);
  const { source, served } = await rig.start();
  assert.match(source.readiness() ?? '', /^there is no MutatingWebhookConfiguration "iam-for-pods" yet/);
  await rig.quiet();
  assert.deepEqual(served, []);
  rig.api.put(registrationPath, registration());
  await rig.quiet();
  assert.equal(source.readiness(), undefined);
  assert.deepEqual(rig.distrusted, []);
});

test('stays ready when the registration is deleted, and comes back when it is applied again', limits, async (t) => {
  const rig = new ClusterRig(t);
  rig.api.put(registrationPath, registration());
  const { source } = await rig.start();
  rig.api.remove(registrationPath);
  await rig.quiet();
  assert.equal(source.readiness(), undefined);
  rig.api.put(registrationPath, registration());
  await rig.quiet();
  assert.ok(rig.isTrusted(source.current()));
});

test('puts a deleted Secret back from memory, so that nothing changes for anybody', limits, async (t) => {
  const rig = new ClusterRig(t);
  rig.api.put(registrationPath, registration());
  const [first] = await Promise.all([rig.start(), rig.start()]);
  await rig.quiet();
  const { data } = rig.api.get(secretPath);
  rig.api.remove(secretPath);
  await rig.quiet();
  assert.deepEqual(rig.api.get(secretPath).data, data);
  assert.equal(first.source.readiness(), undefined);
  assert.ok(rig.replicas.every(({ served }) => served.length === 1));
});

test('mends a torn Secret and serves the last good pair meanwhile', limits, async (t) => {
  const rig = new ClusterRig(t);
  rig.api.put(registrationPath, registration());
  const { source, metrics } = await rig.start();
  const secret = rig.api.get(secretPath);
  const before = source.current();
  rig.api.put(secretPath, { ...secret, data: { ...(secret.data as object), 'tls.key': 'dG9ybg==' } });
  assert.equal(source.current(), before);
  assert.equal(source.readiness(), undefined);
  await rig.quiet();
  assert.equal(source.current()?.cert, rig.secretText('tls.crt'));
  assert.deepEqual(metrics.of('survived'), [['certificate-secret-torn']]);
  assert.deepEqual(rig.distrusted, []);
});

test('leaves a Secret of somebody else alone, unready, and says the way out', limits, async (t) => {
  const rig = new ClusterRig(t);
  rig.api.put(registrationPath, registration());
  const foreign = rig.api.put(secretPath, { data: { 'tls.crt': 'eA==' } });
  const { source } = await rig.start();
  await rig.quiet();
  assert.deepEqual(rig.api.get(secretPath), foreign);
  assert.match(
    source.readiness() ?? '',
    /Secret eks\/iam-for-pods is somebody else's .* delete it, and first what makes it again, as a Certificate of cert-manager; or name another with --tls-secret/,
  );
  rig.api.remove(secretPath);
  await rig.quiet();
  assert.equal(source.readiness(), undefined);
});

test('goes on and stays ready while the API server is away', limits, async (t) => {
  const rig = new ClusterRig(t);
  rig.api.put(registrationPath, registration());
  const { source } = await rig.start();
  rig.api.goDown();
  await rig.pass(120_000);
  assert.equal(source.readiness(), undefined);
  rig.api.refuse = () => undefined;
  rig.api.put(registrationPath, registration());
  await rig.pass(60_000);
  assert.ok(rig.isTrusted(source.current()));
});

test('the leaf is for the names of the Service, with a random serial, and never outlives its CA', limits, async (t) => {
  const rig = new ClusterRig(t, { ...short, leafDuration: { toMilliseconds: () => 900_000 } });
  rig.api.put(registrationPath, registration());
  const { source } = await rig.start();
  const leaf = new X509Certificate(source.current()?.cert ?? '');
  const ca = new X509Certificate(rig.trusted[0]?.pem ?? '');
  const names = ['iam-for-pods.eks.svc', 'iam-for-pods', 'iam-for-pods.eks', 'iam-for-pods.eks.svc.cluster.local'];
  assert.equal(leaf.subjectAltName, names.map((name) => `DNS:${name}`).join(', '));
  assert.equal(leaf.validTo, ca.validTo);
  assert.ok(leaf.validFromDate.getTime() < rig.clock.nowMs() && !leaf.ca && ca.ca);
  assert.match(leaf.serialNumber, /^[0-9A-F]{20,}$/);
  assert.notEqual(leaf.serialNumber, ca.serialNumber);
});

for (const [name, path, method, text] of [
  [
    'the Secret',
    '/secrets',
    'POST',
    /forbids "create" of secrets "iam-for-pods": the Role of .* must grant create on secrets/,
  ],
  [
    'the registration',
    '/iam-for-pods',
    'PATCH',
    /forbids "patch" of mutatingwebhookconfigurations "iam-for-pods": the ClusterRole/,
  ],
] as const) {
  test(`says which right on ${name} is missing and goes on when it is given`, limits, async (t) => {
    const rig = new ClusterRig(t);
    rig.api.put(registrationPath, registration());
    rig.api.refuse = (request) => {
      const isMeant = request.method === method && request.path.split('?')[0]?.endsWith(path);
      return isMeant ? { kind: 'reply', status: 403, body: { message: 'no' } } : undefined;
    };
    const { source, log } = await rig.start();
    assert.match(source.readiness() ?? '', text);
    assert.ok(log.lines.some(({ level, fields }) => level === 'error' && text.test(String(fields.reason))));
    rig.api.refuse = () => undefined;
    await rig.pass(31_000);
    assert.equal(source.readiness(), undefined);
  });
}
