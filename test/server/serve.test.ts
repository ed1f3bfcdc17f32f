import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { makeValidPair } from '../support/certificate.ts';
import { FakeApiServer } from '../support/fake-api-server.ts';
import { findFreePort } from '../support/free-port.ts';
import { ask, bounded, readLog } from '../support/program.ts';
import { exampleReview, findPlace, type Place, put, serveAt } from '../support/served.ts';

const role = 'arn:aws:iam::111122223333:role/s3-reader';

test('an API server out of reach leaves it alive and unready, with the reason', bounded, async (t) => {
  const place = await findPlace(t);
  const url = `https://127.0.0.1:${await findFreePort()}`;
  const kubeconfig = kubeconfigFor(place, url);
  const program = await serveAt(t, place, '--identities-from=', `--kubeconfig=${kubeconfig}`);
  await program.line('has failed; trying again');
  const ready = await ask(place.port, '/readyz');
  assert.equal(ready.status, 503);
  assert.match(ready.text, /^identities: service accounts: first list not complete, last error: .*ECONNREFUSED/);
  assert.equal((await ask(place.port, '/livez')).status, 200);
});

test('a review that waits for its account when the end comes still gets its role', bounded, async (t) => {
  const place = await findPlace(t);
  const server = await FakeApiServer.start();
  t.after(() => server.stop());
  const kubeconfig = kubeconfigFor(place, server.url);
  const grace = '--service-account-lookup-grace-period=8s';
  const program = await serveAt(t, place, '--identities-from=', `--kubeconfig=${kubeconfig}`, grace);
  while ((await ask(place.port, '/readyz')).status !== 200);
  const pending = ask(place.port, '/mutate?timeout=10s', { body: exampleReview });
  // the account was asked for, so the review waits
  while (server.count('get') === 0) await pause();
  program.process.kill('SIGTERM');
  await program.line('"shutting down"');
  server.put('default', 'my-serviceaccount', { annotations: { 'eks.amazonaws.com/role-arn': role } });
  assert.match((await pending).text, /"patch":/);
  assert.equal(await program.ended, 0);
});

test('identities from manifests alone mean that it runs outside a cluster', bounded, async (t) => {
  const place = await findPlace(t);
  await serveAt(t, place, '--in-cluster=true');
  assert.match(readFileSync(join(place.folder, 'config.yaml'), 'utf8'), new RegExp(`https://localhost:${place.port}`));
  assert.equal((await ask(place.port, '/readyz')).text, 'ok');
});

test('certificate files are waited for, then followed, without a restart', bounded, async (t) => {
  const place = await findPlace(t);
  const [cert, key] = [join(place.folder, 'tls.crt'), join(place.folder, 'tls.key')];
  const program = await serveAt(t, place, `--tls-cert=${cert}`, `--tls-key=${key}`);
  const early = await ask(place.port, '/readyz');
  assert.equal(early.status, 503);
  assert.ok(early.text.startsWith(`certificate: --tls-cert ${cert} cannot be read: ENOENT`), early.text);
  assert.equal((await ask(place.port, '/livez')).status, 200);

  for (const pair of [await makeValidPair(), await makeValidPair()]) {
    put(place, 'tls.key', pair.key);
    put(place, 'tls.crt', pair.cert);
    const { serialNumber } = new X509Certificate(pair.cert);
    await untilServed(place.port, serialNumber);
    const ready = await ask(place.port, '/readyz', { ca: pair.cert });
    assert.deepEqual([ready.status, ready.text, ready.serial], [200, 'ok', serialNumber]);
  }
  assert.equal(program.process.exitCode, null);
});

test('an API server that trusts the written --webhook-config gets its reviews answered', bounded, async (t) => {
  const place = await findPlace(t);
  await serveAt(t, place);
  const config = parse(readFileSync(join(place.folder, 'config.yaml'), 'utf8'));
  const { server, 'certificate-authority-data': authority } = config.clusters[0].cluster;
  assert.equal(server, `https://localhost:${place.port}`);
  const ca = Buffer.from(authority, 'base64').toString();
  const answer = await ask(place.port, '/mutate?timeout=3s', { body: exampleReview, ca });
  assert.equal(answer.status, 200);
  assert.equal(JSON.parse(answer.text).response.patchType, 'JSONPatch');
});

test('a broken manifest is named with file, line and reason, and the good ones count', bounded, async (t) => {
  const place = await findPlace(t);
  const manifest = (name: string, annotation: string) =>
    `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ${name}\n  annotations:\n    eks.amazonaws.com/role-arn: ${annotation}\n`;
  put(place, 'good.yaml', manifest('my-serviceaccount', 'arn:aws:iam::111122223333:role/good'));
  const bad = put(place, 'bad.yaml', manifest('other', '17'));
  const program = await serveAt(t, place, `--identities-from=${place.folder}`);
  const line = readLog(program).find(({ msg }) => msg === 'a manifest is not used');
  assert.partialDeepStrictEqual(line, { level: 'warning', code: 'manifest-bad-annotation' });
  const reason = String(line?.reason);
  assert.ok(reason.startsWith(`${bad}:6: annotation eks.amazonaws.com/role-arn must be a string`), reason);
  const answer = await ask(place.port, '/mutate', { body: exampleReview });
  const patch = Buffer.from(JSON.parse(answer.text).response.patch, 'base64').toString();
  assert.match(patch, /111122223333:role\/good/);
});

test('metrics are on their own port without TLS, and on the main one', bounded, async (t) => {
  const place = await findPlace(t);
  const metricsPort = await findFreePort();
  await serveAt(t, place, `--metrics-port=${metricsPort}`);
  await ask(place.port, '/mutate', { body: exampleReview });
  const expected = 'pod_identity_webhook_decisions_total{outcome="mutated",reason="MUTATED"} 1';
  const response = await fetch(`http://localhost:${metricsPort}/metrics`);
  assert.ok((await response.text()).includes(expected));
  const { text } = await ask(place.port, '/metrics');
  assert.ok(text.includes(expected));
  assert.match(text, /^pod_identity_webhook_ready 1$/m);
});

/** Returns once the certificate is served; the test's own bound ends a wait in vain. */
function kubeconfigFor(place: Place, server: string): string {
  const contexts = [{ name: 'a', context: { cluster: 'b' } }];
  const config = { 'current-context': 'a', contexts, clusters: [{ name: 'b', cluster: { server } }] };
  return put(place, 'kubeconfig', JSON.stringify(config));
}

async function untilServed(port: number, serial: string): Promise<void> {
  while ((await ask(port, '/livez')).serial !== serial);
}
