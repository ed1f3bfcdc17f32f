import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import tls from 'node:tls';
import { listen } from '../../../server/io/listener.ts';
import { makeValidPair } from '../../support/certificate.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const answer: http.RequestListener = (_req, res) => void res.end('ok');

/** Resolves to the status. */
async function ask(options: https.RequestOptions): Promise<number | undefined> {
  const request = (options.ca ? https : http).get({ host: 'localhost', ...options });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  await response.toArray();
  return response.statusCode;
}

for (const isTls of [false, true]) {
  test(`connections that end all at once are closed a few a turn, ${isTls ? 'over TLS' : 'plain'}`, async (t) => {
    const certificate = await makeValidPair();
    const sockets: (net.Socket & { readonly _handle?: unknown })[] = [];
    const handler: http.RequestListener = (req, res) => {
      sockets.push(req.socket);
      res.end('ok');
    };
    const listener = await listen({ port: 0, handler, maxConnections: 20, ...(isTls && { tls: certificate }) });
    const agent = isTls ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
    t.after(async () => {
      agent.destroy();
      await listener.drain(new FakeClock(), 0);
    });
    const to = { port: listener.port, agent, ...(isTls && { ca: certificate.cert }) };
    await Promise.all(Array.from({ length: 20 }, () => ask(to)));
    for (const socket of sockets) socket.destroy();
    const open: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      open.push(sockets.filter(({ _handle: handle }) => handle).length);
      await nextTurn();
    }
    assert.deepEqual(open, [20, 12, 4, 0]);
  });
}

test('a connection costs no TLS until its client has spoken', async (t) => {
  const listener = await listen({ port: 0, handler: answer, maxConnections: 10, tls: await makeValidPair() });
  let begun = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'TLSWRAP') begun++;
    },
  }).enable();
  const socket = net.connect(listener.port, 'localhost');
  t.after(async () => {
    hook.disable();
    socket.destroy();
    await listener.drain(new FakeClock(), 0);
  });
  await once(socket, 'connect');
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  assert.equal(begun, 0);
  socket.write('\x16');
  while (begun === 0) await nextTurn();
});

test('a client that asks for a tunnel, and sends on, is cut and harms nobody', async (t) => {
  const certificate = await makeValidPair();
  const listener = await listen({ port: 0, handler: answer, maxConnections: 10, tls: certificate });
  t.after(() => listener.drain(new FakeClock(), 0));
  const to = { port: listener.port, host: 'localhost', ca: certificate.cert };
  const socket = tls.connect(to);
  socket.on('error', () => {
    // a reset is one of the ways to be cut
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'secureConnect');
  // more than one record of TLS, received together
  socket.write(`CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n${'a'.repeat(40_000)}`);
  await closed;
  assert.equal(await ask(to), 200);
});
