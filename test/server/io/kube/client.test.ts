import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type KubeAccess, loadKubeAccess } from '../../../../server/io/kube/access.ts';
import { createKubeClient, type KubeClient } from '../../../../server/io/kube/client.ts';
import { FakeApiServer, hang, openWatch, refuse, reset } from '../../../support/fake-api-server.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { accessTo, createRig, until } from './rig.ts';

const path = '/api/v1/serviceaccounts';

function options() {
  const over = new AbortController();
  return { over, timeoutMs: 5000, signal: over.signal };
}

/** For the fake server alone: self-signed for 127.0.0.1, valid for a hundred years. */
const fileOf = (name: string) => readFileSync(new URL(`certificates/${name}`, import.meta.url), 'utf8');

async function secureServer(
  context: TestContext,
  trusted = 'served.crt',
): Promise<{ server: FakeApiServer; client: KubeClient }> {
  const server = await FakeApiServer.start({ cert: fileOf('served.crt'), key: fileOf('served.key') });
  const folder = mkdtempSync(join(tmpdir(), 'kube-client-'));
  const ca = Buffer.from(fileOf(trusted)).toString('base64');
  const config = {
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority-data': ca } }],
    users: [{ name: 'u', user: { token: 'secret' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  };
  writeFileSync(join(folder, 'config'), JSON.stringify(config));
  const loaded = await loadKubeAccess({ inCluster: false, kubeApi: '', kubeconfig: join(folder, 'config'), env: {} });
  if ('fault' in loaded) assert.fail(loaded.fault.message);
  const client = createKubeClient({ access: loaded.access, clock: new FakeClock() });
  context.after(async () => {
    client.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  return { server, client };
}

test('asks over TLS with the token, on one pooled connection', async (context) => {
  const { server, client } = await secureServer(context);
  for (let i = 0; i < 3; i++) {
    const reply = await client.get(path, options());
    assert.equal(reply.kind === 'reply' && reply.status, 200);
  }
  assert.equal(server.exchanges[0]?.headers.authorization, 'Bearer secret');
  assert.equal(server.exchanges[0]?.headers['user-agent'], 'pod-identity-webhook');
  assert.equal(server.connections, 1);
});

test('does not speak to a server whose certificate another CA has signed', async (context) => {
  const { server, client } = await secureServer(context, 'stranger.crt');
  const reply = await client.get(path, options());
  assert.equal(reply.kind, 'unreachable');
  assert.equal(server.exchanges.length, 0);
});

test('returns what the server refuses, with its body and the wait it asks for', async (context) => {
  const { server, client } = await createRig(context);
  server.misbehave('list', refuse(429, 'slow down', { 'retry-after': '2' }));
  const reply = await client.get(path, options());
  assert.ok(reply.kind === 'reply');
  assert.deepEqual([reply.status, reply.retryAfterMs], [429, 2000]);
  assert.equal((reply.body as { message: string }).message, 'slow down');
});

test('ignores a wish to wait that it does not understand, and bounds one that is too long', async (context) => {
  const { server, client } = await createRig(context);
  const wait = (text: string) => refuse(429, 'slow down', { 'retry-after': text });
  server.misbehave('list', wait('soon'), wait('-1'), wait('86400'));
  const waits: unknown[] = [];
  for (let i = 0; i < 3; i++)
    waits.push(((await client.get(path, options())) as { retryAfterMs?: number }).retryAfterMs);
  assert.deepEqual(waits, [undefined, undefined, 300_000]);
});

test('sends a body with its content type', async (context) => {
  const { server, client } = await createRig(context);
  let received = '';
  server.misbehave('list', ({ request, response }) => {
    request.setEncoding('utf8').on('data', (text: string) => {
      received += text;
    });
    request.on('end', () => response.writeHead(201).end(JSON.stringify({ method: request.method })));
  });
  const contentType = 'application/merge-patch+json';
  const reply = await client.send({ ...options(), method: 'PATCH', path, body: { a: 'ü' }, contentType });
  assert.deepEqual(reply, { kind: 'reply', status: 201, body: { method: 'PATCH' } });
  assert.equal(received, '{"a":"ü"}');
  assert.equal(server.exchanges[0]?.headers['content-type'], contentType);
});

test('keeps the path that the URL of the server has', async (context) => {
  const { server, clock } = await createRig(context);
  const client = createKubeClient({ access: await accessTo(`${server.url}/clusters/a/`), clock });
  context.after(() => client.close());
  await client.get(`${path}?limit=1`, options());
  assert.equal(server.exchanges[0]?.request.url, `/clusters/a${path}?limit=1`);
});

test('asks once more when the server has closed the pooled connection', async (context) => {
  const { server, client } = await createRig(context);
  await client.get(path, options());
  server.misbehave('list', reset);
  const reply = await client.get(path, options());
  assert.equal(reply.kind, 'reply');
  assert.equal(server.exchanges.length, 3);
});

test('does not repeat what changes something', async (context) => {
  const { server, client } = await createRig(context);
  await client.get(path, options());
  server.misbehave('list', reset);
  const reply = await client.send({ ...options(), method: 'POST', path, body: {} });
  assert.equal(reply.kind, 'unreachable');
  assert.equal(server.exchanges.length, 2);
});

test('gives up an answer that takes too long', async (context) => {
  const { server, client, clock } = await createRig(context);
  server.misbehave('list', hang);
  const reply = client.get(path, options());
  await until(() => server.exchanges.length === 1);
  await clock.advance(5000);
  assert.deepEqual(await reply, { kind: 'unreachable', reason: 'no answer within the time limit' });
  assert.equal(clock.pending, 0);
});

test('gives up a connection on which TLS is never agreed', async (context) => {
  const deaf = net.createServer();
  deaf.listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  const clock = new FakeClock();
  const client = createKubeClient({
    access: await accessTo(`https://127.0.0.1:${(deaf.address() as AddressInfo).port}`),
    clock,
  });
  const reply = client.get(path, options());
  const [socket] = (await once(deaf, 'connection')) as [net.Socket];
  context.after(() => {
    socket.destroy();
    deaf.close();
  });
  await clock.advance(15_000);
  assert.deepEqual(await reply, { kind: 'unreachable', reason: 'no connection within the time limit' });
});

test('gives up a stream that falls silent, not one that speaks', async (context) => {
  const { server, client, clock } = await createRig(context);
  const lines: string[] = [];
  const end = client.stream(`${path}?watch=true`, {
    signal: new AbortController().signal,
    idleMs: () => 1000,
    onLine: (line) => lines.push(line.toString()),
  });
  server.isStreamingLists = false;
  await until(() => server.watches.length === 1);
  for (let i = 1; i <= 3; i++) {
    server.watch.raw(`line ${i}\n`);
    await until(() => lines.length === i);
    await clock.advance(900);
  }
  await clock.advance(100);
  assert.deepEqual(await end, { kind: 'unreachable', reason: 'no word within the time limit' });
});

test('gives up a line that is longer than any object', async (context) => {
  const { server, client } = await createRig(context);
  server.misbehave('watch', (exchange) => openWatch(exchange).raw(Buffer.alloc(4 * 1024 * 1024 + 1, 'x')));
  const end = await client.stream(`${path}?watch=true`, { ...options(), idleMs: () => 1000, onLine: () => {} });
  assert.deepEqual(end, { kind: 'unreachable', reason: 'a line is longer than 4194304 bytes' });
});

test('says so when an answer is not JSON', async (context) => {
  const { server, client } = await createRig(context);
  server.misbehave('list', ({ response }) => response.end('<html>'));
  assert.deepEqual(await client.get(path, options()), { kind: 'unreachable', reason: 'the answer is not JSON' });
});

test('stops at once, before and while it asks', async (context) => {
  const { server, client, clock } = await createRig(context);
  server.misbehave('list', hang);
  const { over, ...wish } = options();
  const reply = client.get(path, wish);
  await until(() => server.exchanges.length === 1);
  over.abort();
  assert.deepEqual(await reply, { kind: 'unreachable', reason: 'stopped' });
  assert.deepEqual(await client.get(path, wish), { kind: 'unreachable', reason: 'stopped' });
  assert.equal(clock.pending, 0);
});

test('tells that credentials cannot be had, and tries them again at the next request', async (context) => {
  const { server, clock } = await createRig(context);
  const access = await accessTo(server.url);
  let tries = 0;
  const failing: KubeAccess = {
    ...access,
    requestOptions: () => (tries++ === 0 ? Promise.reject(new Error('the plugin is away')) : access.requestOptions()),
  };
  const client = createKubeClient({ access: failing, clock });
  context.after(() => client.close());
  assert.deepEqual(await client.get(path, options()), {
    kind: 'unreachable',
    reason: 'credentials: the plugin is away',
  });
  assert.equal((await client.get(path, options())).kind, 'reply');
});

test('gives up a credential plugin that hangs', async () => {
  const clock = new FakeClock();
  const access: KubeAccess = {
    server: new URL('http://127.0.0.1:1'),
    requestOptions: () => new Promise(() => {}),
    refresh: () => {},
    close: () => {},
  };
  const reply = createKubeClient({ access, clock }).get(path, options());
  await clock.advance(15_000);
  assert.deepEqual(await reply, { kind: 'unreachable', reason: 'no connection within the time limit' });
});
