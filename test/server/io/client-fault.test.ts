import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type ClientFaultOptions, onClientFault } from '../../../server/io/client-fault.ts';
import { connectTo, openPair, type SocketPair } from '../../support/socket-pair.ts';

const late = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
const notHttp = Object.assign(new Error('no HTTP'), { code: 'HPE_INVALID_METHOD' });
const idleMs = 120_000;

test('a connection that was never used may stay as long as an idle one', async (t) => {
  const { client, socket } = await openPair(t);
  judge(late, socket);
  assert.equal(socket.timeout, idleMs);
  assert.equal(socket.writable, true);
  client.write('GET');
  await once(socket, 'data');
});

test('a client that is late with what it began hears so and is cut', async (t) => {
  const { client, socket } = await openBegun(t);
  judge(late, socket);
  assert.equal(await readAll(client), 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
  assert.equal(socket.destroyed, true);
});

test('of many clients that are late at once a few are cut a turn, so that others get theirs', async (t) => {
  const begun = await Promise.all(Array.from({ length: 20 }, () => openBegun(t)));
  const sockets = begun.map(({ socket }) => socket);
  const listener = onClientFault({ idleMs, lastResponse: () => undefined });
  for (const socket of sockets) listener(late, socket);
  const ended: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    ended.push(sockets.filter((socket) => socket.writableEnded).length);
    await new Promise(setImmediate);
  }
  assert.deepEqual(ended, [0, 8, 16, 20]);
});

test('a late client is cut although its head is whole before its turn, but not in the middle of its answer', async (t) => {
  const { client, socket } = await openBegun(t);
  let last: ReturnType<ClientFaultOptions['lastResponse']>;
  onClientFault({ idleMs, lastResponse: () => last })(late, socket);
  last = { headersSent: true, writableFinished: false, socket };
  assert.equal(await readAll(client), '');
  assert.equal(socket.destroyed, true);
});

test('what is wrong with a request is told by its status', async (t) => {
  for (const [code, status] of [
    ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large'],
    ['HPE_INVALID_METHOD', '400 Bad Request'],
  ] as const) {
    const { client, socket } = await openPair(t);
    judge(Object.assign(new Error(code), { code }), socket);
    assert.match(await readAll(client), new RegExp(`^HTTP/1.1 ${status}\r\n`));
  }
});

test('a handshake that fails or takes too long is cut without a word', async (t) => {
  for (const code of ['ERR_TLS_HANDSHAKE_TIMEOUT', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ECONNRESET']) {
    const { client, socket } = await openPair(t);
    judge(Object.assign(new Error(code), { code }), socket);
    assert.equal(socket.destroyed, true);
    assert.equal(await readAll(client), '');
  }
});

test('an answer is not broken by another one in its middle', async (t) => {
  const { client, socket } = await openPair(t);
  judge(notHttp, socket, { headersSent: true, writableFinished: false, socket });
  assert.equal(await readAll(client), '');
});

test('after an answer that is complete the next fault is told', async (t) => {
  const { client, socket } = await openPair(t);
  judge(notHttp, socket, { headersSent: true, writableFinished: true, socket: null });
  assert.match(await readAll(client), /^HTTP\/1.1 400/);
});

test('a connection that stayed although nothing was asked on it is served', async (t) => {
  const server = http.createServer(
    { connectionsCheckingInterval: 5, headersTimeout: 10, requestTimeout: 20 },
    (_, res) => res.end('ok'),
  );
  const judged = Promise.withResolvers<void>();
  server.on('clientError', (error, socket) => {
    onClientFault({ idleMs, lastResponse: () => undefined })(error, socket as Socket);
    judged.resolve();
  });
  const client = await connectTo(t, server);
  await judged.promise;
  client.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(await readAll(client), /^HTTP\/1.1 200 OK/);
});

function judge(error: Error, socket: Socket, last?: ReturnType<ClientFaultOptions['lastResponse']>): void {
  onClientFault({ idleMs, lastResponse: () => last })(error, socket);
}

/** Returns a pair of which the client has begun a request. */
async function openBegun(t: TestContext): Promise<SocketPair> {
  const pair = await openPair(t);
  pair.client.write('GET');
  await once(pair.socket, 'data');
  return pair;
}

async function readAll(client: Socket): Promise<string> {
  let text = '';
  for await (const chunk of client) text += chunk;
  return text;
}
