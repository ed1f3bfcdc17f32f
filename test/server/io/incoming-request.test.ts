import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { IncomingRequest } from '../../../server/io/incoming-request.ts';
import type { NoBody } from '../../../server/ports.ts';

type Handle = (request: IncomingRequest, response: http.ServerResponse) => void;

async function startServer(t: TestContext, handle: Handle): Promise<number> {
  const server = http.createServer({ IncomingMessage: IncomingRequest }, (request, response) =>
    handle(request as IncomingRequest, response),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const head = 'POST / HTTP/1.1\r\nHost: a\r\n';
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;

/** Resolves to what the first request's body came to, when these pieces are sent one after the other and the connection then ends. */
async function collectFrom(t: TestContext, pieces: readonly string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<Buffer | NoBody>();
  const port = await startServer(t, (request) => request.collect({ limitBytes: 10, took() {}, settle: resolve }));
  const socket = net.connect(port, '127.0.0.1').on('error', () => {});
  for (const piece of pieces) await new Promise((written) => socket.write(piece, written));
  socket.end();
  return String(await promise);
}

test('a body is handed over whole, in however many pieces it comes', async (t) => {
  assert.equal(await collectFrom(t, [`${head}Content-Length: 4\r\n\r\nbody`]), 'body');
  assert.equal(await collectFrom(t, [chunked, '2\r\nbo\r\n', '2\r\ndy\r\n', '0\r\n\r\n']), 'body');
  assert.equal(await collectFrom(t, [`${head}\r\n`]), '');
});

test('a body that is longer than the limit, or ends too soon, is none', async (t) => {
  assert.equal(await collectFrom(t, [chunked, '6\r\nlonger\r\n', '6\r\nlonger\r\n']), 'too-large');
  assert.equal(await collectFrom(t, [`${head}Content-Length: 9\r\n\r\nbody`]), 'incomplete');
});

test('a request whose connection ends is cut short without an error, whether it is collected or not', async (t) => {
  for (const isCollected of [true, false]) {
    const { promise, resolve } = Promise.withResolvers<IncomingRequest>();
    const port = await startServer(t, (request) => {
      if (isCollected) request.collect({ limitBytes: 10, took() {}, settle() {} });
      resolve(request);
    });
    const socket = net.connect(port, '127.0.0.1').on('error', () => {});
    socket.write(`${chunked}2\r\nbo\r\n`);
    const request = await promise;
    const told: string[] = [];
    request.on('aborted', () => told.push('aborted')).on('error', () => told.push('error'));
    socket.resetAndDestroy();
    await once(request, 'close');
    assert.deepEqual([told, request.errored], [['aborted'], null]);
  }
});

test('a body that is given up is none, and no more of it is read', async (t) => {
  const { promise, resolve } = Promise.withResolvers<Buffer | NoBody>();
  const port = await startServer(t, (request) => {
    request.collect({ limitBytes: 10, took: () => request.giveUp(), settle: resolve });
  });
  const socket = net.connect(port, '127.0.0.1').on('error', () => {});
  socket.write(`${chunked}2\r\nbo\r\n`);
  assert.equal(await promise, 'given-up');
});

test('the connection of a body that was collected carries the next request, and Node keeps nothing of the first', async (t) => {
  const requests: IncomingRequest[] = [];
  const port = await startServer(t, (request, response) => {
    requests.push(request);
    request.collect({
      limitBytes: 10,
      took() {},
      settle: (body) => setImmediate(() => response.end(String(body))),
    });
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  for (const body of ['one', 'two']) {
    const sent = http.request({ port, host: '127.0.0.1', agent, method: 'POST' });
    sent.end(body);
    const [response] = await once(sent, 'response');
    assert.equal((await response.toArray()).join(''), body);
  }
  const [first, second] = requests;
  assert.equal(first?.socket, second?.socket);
  assert.equal(first?.readableEnded, true);
});

test('a request that is not collected is a stream like any other', async (t) => {
  const port = await startServer(t, async (request, response) => {
    response.end((await request.toArray()).join(''));
  });
  const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: 'body' });
  assert.equal(await response.text(), 'body');
});

test('after 256 KiB of a body others get their turn before more of it is read', async () => {
  const { promise, resolve } = Promise.withResolvers<Buffer | NoBody>();
  const request = new IncomingRequest(new net.Socket());
  request.collect({ limitBytes: 1_000_000, took() {}, settle: resolve });
  const piece = Buffer.alloc(128 * 1024);
  assert.deepEqual([request.push(piece), request.push(piece)], [true, false]);
  await nextTurn();
  assert.deepEqual([request.push(piece), request.push(piece)], [true, false]);
  request.push(null);
  assert.equal((await promise).length, 4 * piece.length);
});

test('of several bodies that are larger one goes on a turn, in order', async () => {
  // what the test before has left waiting
  await nextTurn();
  const goneOn: number[] = [];
  for (let number = 0; number < 3; number++) {
    const request = new IncomingRequest(new net.Socket());
    request.collect({ limitBytes: 1_000_000, took() {}, settle() {} });
    request._read = () => void goneOn.push(number);
    request.push(Buffer.alloc(256 * 1024));
  }
  const counts: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    await nextTurn();
    counts.push(goneOn.length);
  }
  assert.deepEqual(counts, [1, 2, 3]);
  assert.deepEqual(goneOn, [0, 1, 2]);
});
