import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createCsrSource } from '../../../../server/io/tls/csr-source.ts';
import type { StoredObject } from '../../../support/fake-objects.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { ClusterRig, type Replica, registration, registrationPath, secretPath } from './cluster-rig.ts';
import { FakeSigner, type RequestSpec } from './fake-signer.ts';

/** Only a test that hangs is ended by it. */
const limits = { timeout: 30_000 };
const csrSigner = 'beta.eks.amazonaws.com/app-serving';

/** A cluster whose own CA is the signer's, as on EKS. */
async function setUp(t: TestContext, caBundle?: string) {
  const rig = new ClusterRig(t, { csrSigner });
  const signer = await FakeSigner.create(rig.api, rig.clock.nowMs());
  const clusterCaPath = join(tempFolder(t), 'ca.crt');
  writeFileSync(clusterCaPath, signer.authority.cert);
  rig.api.put(registrationPath, registration(caBundle));
  /** A start waits for its first certificate in time that the test makes pass. */
  const start = async (): Promise<Replica> => {
    const starting = rig.start((options) => createCsrSource({ ...options, clusterCaPath }));
    await rig.quiet();
    await rig.pass(3_000);
    return starting;
  };
  return { rig, signer, start, clusterCaPath };
}

test('asks the signer for the names of the Service, and says how to approve', limits, async (t) => {
  const { signer, start } = await setUp(t);
  const { source, log } = await start();
  assert.equal(signer.requests.length, 1);
  const [request] = signer.requests as readonly [StoredObject];
  const { signerName, usages } = request.spec as RequestSpec;
  assert.deepEqual([signerName, usages], [csrSigner, ['digital signature', 'key encipherment', 'server auth']]);
  const parsed = await signer.parsed();
  assert.ok(await parsed.verify());
  assert.equal(parsed.subject, 'O=system:nodes, CN=system:node:iam-for-pods.eks.svc');
  const command = `kubectl certificate approve ${request.metadata.name}`;
  assert.equal(source.readiness(), `the signing request waits for approval: ${command}`);
  assert.equal(log.messages.filter((line) => line.endsWith(command)).length, 1);
});

test('serves what was signed, once the CA of the cluster is in the caBundle', limits, async (t) => {
  const { rig, signer, start } = await setUp(t);
  const { source, served } = await start();
  await signer.approve(rig.clock.nowMs());
  await rig.quiet();
  assert.equal(source.readiness(), undefined);
  assert.deepEqual([rig.distrusted, served.length], [[], 1]);
  assert.equal(rig.trusted[0]?.pem, signer.authority.cert);
  const { data } = rig.api.get(secretPath) as unknown as { data: object };
  assert.deepEqual(Object.keys(data).sort(), ['signer', 'tls.crt', 'tls.key']);
});

test('uses what is kept after a restart, and leaves a caBundle alone that verifies it', limits, async (t) => {
  const { rig, signer, start } = await setUp(t);
  const first = await start();
  await signer.approve(rig.clock.nowMs());
  await rig.quiet();
  const writes = rig.api.writes.length;
  const second = await start();
  assert.deepEqual(second.source.current(), first.source.current());
  assert.equal(second.source.readiness(), undefined);
  assert.equal(rig.api.writes.length, writes);
});

test('replicas share one request and one pair, and a restart takes the request up again', limits, async (t) => {
  const { rig, signer, start } = await setUp(t);
  await Promise.all([start(), start()]);
  const restarted = await start();
  assert.equal(signer.requests.length, 1);
  await signer.approve(rig.clock.nowMs());
  await rig.quiet();
  const certs = new Set(rig.replicas.map(({ source }) => source.current()?.cert));
  assert.deepEqual([...certs], [rig.secretText('tls.crt')]);
  assert.equal(restarted.source.readiness(), undefined);
});

test('renews when two thirds are over, and serves the old pair until the new one is signed', limits, async (t) => {
  const { rig, signer, start } = await setUp(t);
  const { source } = await start();
  await signer.approve(rig.clock.nowMs());
  await rig.quiet();
  const old = source.current();
  await rig.clock.advance(44 * 60_000);
  await rig.quiet();
  assert.equal(signer.requests.length, 2);
  assert.deepEqual([source.current(), source.readiness()], [old, undefined]);
  await signer.approve(rig.clock.nowMs());
  await rig.quiet();
  assert.notEqual(source.current()?.cert, old?.cert);
  assert.deepEqual([source.readiness(), rig.distrusted], [undefined, []]);
});

test('reports a denied request, and makes another after a pause', limits, async (t) => {
  const { rig, signer, start } = await setUp(t);
  const { source, metrics } = await start();
  signer.setStatus({ conditions: [{ type: 'Denied', message: 'not today' }] });
  await rig.quiet();
  assert.match(source.readiness() ?? '', /^the signing request iam-for-pods-\w+ was refused \(Denied: not today\)/);
  assert.deepEqual(metrics.of('survived'), [['certificate-request-refused']]);
  await rig.clock.advance(299_000);
  assert.equal(signer.requests.length, 1);
  await rig.clock.advance(2_000);
  await rig.quiet();
  assert.equal(signer.requests.length, 2);
  await signer.approve(rig.clock.nowMs());
  await rig.quiet();
  assert.equal(source.readiness(), undefined);
});

test('makes a request again that has vanished unapproved', limits, async (t) => {
  const { rig, signer, start } = await setUp(t);
  await start();
  const [before] = signer.requests;
  signer.forget();
  await rig.quiet();
  assert.deepEqual(
    signer.requests.map(({ metadata }) => metadata.name),
    [before?.metadata.name],
  );
});

test('is unready where nothing verifies what was signed, and says to set the caBundle', limits, async (t) => {
  const { rig, signer, start, clusterCaPath } = await setUp(t);
  const { source, served } = await start();
  writeFileSync(clusterCaPath, (await FakeSigner.create(rig.api, rig.clock.nowMs())).authority.cert);
  await signer.approve(rig.clock.nowMs());
  await rig.quiet();
  assert.match(
    source.readiness() ?? '',
    /verified neither by the caBundle .* set the caBundle to the CA of that signer/,
  );
  assert.deepEqual(served, []);
  rig.api.put(registrationPath, registration(Buffer.from(signer.authority.cert).toString('base64')));
  await rig.quiet();
  assert.equal(source.readiness(), undefined);
});

test('puts a deleted Secret back without another request', limits, async (t) => {
  const { rig, signer, start } = await setUp(t);
  const { source } = await start();
  await signer.approve(rig.clock.nowMs());
  await rig.quiet();
  const { data } = rig.api.get(secretPath);
  rig.api.remove(secretPath);
  await rig.quiet();
  assert.deepEqual(rig.api.get(secretPath).data, data);
  assert.equal(signer.requests.length, 1);
  assert.equal(source.readiness(), undefined);
});

test('takes over from a CA of our own: that leaf is served until the signer has signed', limits, async (t) => {
  const { rig, signer, start } = await setUp(t);
  const own = await rig.start();
  const next = await start();
  assert.deepEqual(next.source.current(), own.source.current());
  assert.equal(signer.requests.length, 1);
  own.source.stop();
  await signer.approve(rig.clock.nowMs());
  await rig.pass(12_000);
  assert.equal(next.source.current()?.cert, rig.secretText('tls.crt'));
  assert.equal(rig.secretText('signer'), csrSigner);
  assert.deepEqual(rig.distrusted, []);
});

test('says which right is missing to ask for a signature', limits, async (t) => {
  const { rig, start } = await setUp(t);
  rig.api.refuse = ({ method, path }) => {
    const isMeant = method === 'POST' && path.includes('/certificatesigningrequests');
    return isMeant ? { kind: 'reply', status: 403, body: { message: 'no' } } : undefined;
  };
  const { source } = await start();
  assert.match(source.readiness() ?? '', /forbids "create" of certificatesigningrequests .*: the ClusterRole/);
});
