import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { entryPoints } from '../../scripts/lean-bundle.ts';
import { bounded, built, root, startProgram } from '../support/program.ts';
import { exampleReview, findPlace, type Place, put, serveAt } from '../support/served.ts';

// what scripts/lean-bundle.ts puts in place of packages is in the built program only

test('the built program reads compressed reviews as plain ones', bounded, async (t) => {
  const place = await findPlace(t);
  await serveAt(t, place);
  const plain = await send(place.port, Buffer.from(exampleReview));
  assert.match(plain.text, /"patchType":"JSONPatch"/);
  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const) {
    assert.deepEqual(await send(place.port, compress(exampleReview), encoding), plain, encoding);
    assert.deepEqual(
      await send(place.port, compress(`\uFEFF${exampleReview}`), encoding),
      plain,
      `${encoding}, marked`,
    );
  }
  assert.equal((await send(place.port, gzipSync('{'), 'gzip')).status, 400);
  assert.equal((await send(place.port, Buffer.from(exampleReview), 'zstd')).status, 415);
});

test("the built program's certificates and signing requests need nothing that was left out", async () => {
  const { x509 } = (await import(join(root, 'build/server/x509-package.js'))) as {
    x509: typeof import('@peculiar/x509');
  };
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions = [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'a.svc' }])];
  const common = { name: 'CN=a', keys, signingAlgorithm: algorithm, extensions } as const;
  const request = await x509.Pkcs10CertificateRequestGenerator.create(common);
  const read = new x509.Pkcs10CertificateRequest(request.toString('pem'));
  assert.ok(await read.verify());
  assert.equal(read.extensions.length, 1);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(common);
  assert.equal(new x509.X509Certificate(certificate.toString('pem')).subject, 'CN=a');
});

for (const name of Object.keys(entryPoints).filter((each) => each !== 'main')) {
  test(`${name}.js has what main.js takes from it`, async () => {
    const names = Object.entries((await import(join(root, `build/server/${name}.js`))) as object);
    assert.ok(names.length > 0);
    for (const [each, value] of names) assert.notEqual(value, undefined, each);
  });
}

test('main.js is ASCII: for one character beyond Latin-1, V8 keeps all of it in two bytes each', () => {
  const [beyond] = /.{0,40}\P{ASCII}/su.exec(readFileSync(built, 'utf8')) ?? [];
  assert.equal(beyond, undefined, `${beyond}: esbuild escapes it in a text, not in a regular expression`);
});

test('the built program reaches an API server through a SOCKS proxy', bounded, async (t) => {
  const proxy = net.createServer().listen(0, '127.0.0.1');
  t.after(() => proxy.close());
  await once(proxy, 'listening');
  const { port } = proxy.address() as net.AddressInfo;
  const asked = once(proxy, 'connection').then(async ([socket]: net.Socket[]) => {
    const [hello] = await once(socket as net.Socket, 'data');
    socket?.destroy();
    return hello[0];
  });
  await startWithKubeconfig(t, { cluster: `proxy-url: socks5://127.0.0.1:${port}`, user: 'token: a' });
  assert.equal(await asked, 5);
});

test('a token that only the gcp provider could renew is refused with the way out', bounded, async (t) => {
  const user = `auth-provider: { name: gcp, config: { cmd-path: echo, cmd-args: '{}', token-key: '{.a}', expiry-key: '{.b}' } }`;
  const program = await startWithKubeconfig(t, { cluster: 'insecure-skip-tls-verify: true', user });
  assert.match(await program.line('gcp'), /as in kubectl since 1\.26, give the user of the kubeconfig an exec plugin/);
});

async function startWithKubeconfig(t: TestContext, { cluster, user }: { cluster: string; user: string }) {
  const place: Place = await findPlace(t);
  const text = `
clusters: [{ name: a, cluster: { server: 'https://127.0.0.1:9', ${cluster} } }]
users: [{ name: a, user: { ${user} } }]
contexts: [{ name: a, context: { cluster: a, user: a } }]
current-context: a
`;
  const flags = place.flags.filter((flag) => !flag.startsWith('--identities-from'));
  return startProgram(t, [...flags, `--kubeconfig=${put(place, 'kubeconfig', text)}`]);
}

async function send(port: number, body: Buffer, encoding?: string) {
  const request = https.request(`https://localhost:${port}/mutate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(encoding !== undefined && { 'content-encoding': encoding }) },
    agent: false,
    rejectUnauthorized: false,
  });
  request.end(body);
  const [response] = await once(request, 'response');
  return { status: response.statusCode as number, text: (await response.setEncoding('utf8').toArray()).join('') };
}
