import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import { listen } from '../../../server/io/listener.ts';
import { makeSelfSigned } from '../../../server/io/tls/self-signed.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const hour = 3_600_000;
const make = () => makeSelfSigned({ nowMs: Date.now(), durationMs: hour });
const answer: http.RequestListener = (_req, res) => void res.end('ok');

async function get(options: https.RequestOptions): Promise<{ text: string; headers: http.IncomingHttpHeaders }> {
  const request = (options.ca ? https : http).request({ host: 'localhost', ...options });
  request.end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { text, headers: response.headers };
}

test('a new certificate is served to new connections while open ones go on', async (t) => {
  const [old, fresh] = [await make(), await make()];
  const listener = await listen({ port: 0, handler: answer, maxConnections: 10, tls: old });
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(async () => {
    agent.destroy();
    await listener.drain(new FakeClock(), 0);
  });
  assert.equal((await get({ port: listener.port, ca: old.cert, agent })).text, 'ok');
  listener.secure(fresh);
  assert.equal((await get({ port: listener.port, ca: old.cert, agent })).text, 'ok');
  assert.equal((await get({ port: listener.port, ca: fresh.cert, agent: false })).text, 'ok');
  await assert.rejects(get({ port: listener.port, ca: old.cert, agent: false }), /self-signed|unable to verify|CERT/i);
});

test('a port in use is an error that names the port', async (t) => {
  const first = await listen({ port: 0, handler: answer, maxConnections: 10 });
  t.after(() => first.drain(new FakeClock(), 0));
  await assert.rejects(listen({ port: first.port, handler: answer, maxConnections: 10 }), {
    code: 'EADDRINUSE',
    port: first.port,
  });
});

test('draining finishes the request in flight, then closes its connection and the idle ones', async () => {
  const clock = new FakeClock();
  const arrived = Promise.withResolvers<http.ServerResponse>();
  const listener = await listen({ port: 0, handler: (_req, res) => arrived.resolve(res), maxConnections: 10 });
  const pending = get({ port: listener.port, agent: new http.Agent({ keepAlive: true }) });
  const response = await arrived.promise;
  const drained = listener.drain(clock, hour);
  response.end('late');
  assert.equal((await pending).text, 'late');
  await clock.advance(100);
  await drained;
  assert.equal(clock.pending, 0);
  await assert.rejects(get({ port: listener.port, agent: false }), { code: 'ECONNREFUSED' });
});

test('a client that is asked to leave ends its connection with the next answer, and new ones are still taken', async (t) => {
  const listener = await listen({ port: 0, handler: answer, maxConnections: 10 });
  const agent = new http.Agent({ keepAlive: true });
  t.after(() => listener.drain(new FakeClock(), 0));
  assert.notEqual((await get({ port: listener.port, agent })).headers.connection, 'close');
  listener.shed();
  for (const text of ['ok', 'ok']) {
    const response = await get({ port: listener.port, agent });
    assert.deepEqual([response.text, response.headers.connection], [text, 'close']);
  }
});

test('a request that comes while draining is answered with Connection: close', async () => {
  const responses: http.ServerResponse[] = [];
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const handler: http.RequestListener = (_req, res) => void (responses.push(res) === 1 ? first : second).resolve();
  const listener = await listen({ port: 0, handler, maxConnections: 10 });
  const socket = net.connect(listener.port, 'localhost');
  socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\n');
  await first.promise;
  const drained = listener.drain(new FakeClock(), hour);
  socket.write('GET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
  await second.promise;
  for (const response of responses) response.end('bye');
  let text = '';
  for await (const chunk of socket) text += chunk;
  assert.match(text.split('HTTP/1.1 200').at(-1) ?? '', /Connection: close/i);
  await drained;
});

test('what is still open when the time is over is cut', async () => {
  const clock = new FakeClock();
  const arrived = Promise.withResolvers<void>();
  const listener = await listen({ port: 0, handler: () => arrived.resolve(), maxConnections: 10 });
  const pending = get({ port: listener.port, agent: false });
  pending.catch(() => {});
  await arrived.promise;
  const drained = listener.drain(clock, 5000);
  await clock.advance(5000);
  await drained;
  await assert.rejects(pending, { code: 'ECONNRESET' });
});

test('where there is no room for a newcomer, the connection that has asked nothing for longest is closed', async (t) => {
  const certificate = await make();
  const { cert: ca } = certificate;
  const crowded = t.mock.fn();
  const listener = await listen({ port: 0, handler: answer, maxConnections: 2, onCrowded: crowded, tls: certificate });
  const agents = [0, 1].map(() => new https.Agent({ keepAlive: true, maxSockets: 1 }));
  t.after(async () => {
    for (const agent of agents) agent.destroy();
    await listener.drain(new FakeClock(), 0);
  });
  const [first, second] = agents;
  const idle = tls.connect({ port: listener.port, host: 'localhost', ca });
  await once(idle, 'secureConnect');
  const isClosed = once(idle, 'close');
  assert.equal((await get({ port: listener.port, ca, agent: first })).text, 'ok');
  assert.equal(crowded.mock.callCount(), 0);
  const newcomer = tls.connect({ port: listener.port, host: 'localhost', ca });
  await Promise.all([once(newcomer, 'secureConnect'), isClosed]);
  assert.equal((await get({ port: listener.port, ca, agent: second })).text, 'ok');
  assert.equal((await get({ port: listener.port, ca, agent: first })).text, 'ok');
  assert.equal(crowded.mock.callCount(), 2);
});

test('a client that sends on and on without waiting for answers is cut, and is not served beyond the limit', async (t) => {
  let handled = 0;
  const listener = await listen({ port: 0, handler: () => void handled++, maxConnections: 10 });
  t.after(() => listener.drain(new FakeClock(), 0));
  const socket = net.connect(listener.port, 'localhost');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000));
  socket.on('error', () => {
    // a reset is one of the ways to be cut
  });
  await new Promise((resolve) => socket.once('close', resolve));
  assert.equal(handled, 5);
});

test('a client that keeps a request ahead of the answers is served for as long as it likes', async (t) => {
  const waiting: http.ServerResponse[] = [];
  const handler: http.RequestListener = (_req, res) => {
    waiting.push(res);
    if (waiting.length > 1) waiting.shift()?.end('ok');
  };
  const listener = await listen({ port: 0, handler, maxConnections: 10 });
  t.after(() => listener.drain(new FakeClock(), 0));
  const socket = net.connect(listener.port, 'localhost');
  let [sent, text] = [0, ''];
  const send = (count: number): void => {
    sent += count;
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count));
  };
  send(2);
  for await (const chunk of socket) {
    text += chunk;
    const answered = text.split('HTTP/1.1 200').length - 1;
    if (answered === 100) break;
    send(answered + 2 - sent);
  }
  assert.ok(sent > 100);
});

test('an answer under way is not broken by the fault of what a client sends behind its next request', async (t) => {
  const waiting: http.ServerResponse[] = [];
  const both = Promise.withResolvers<void>();
  const handler: http.RequestListener = (_req, res) => {
    waiting.push(res);
    if (waiting.length === 1) res.writeHead(200, { 'Content-Length': 10 }).write('begun');
    else both.resolve();
  };
  const listener = await listen({ port: 0, handler, maxConnections: 10 });
  t.after(() => listener.drain(new FakeClock(), 0));
  const socket = net.connect(listener.port, 'localhost');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2));
  await both.promise;
  socket.write('no HTTP\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += chunk;
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nbegun$/s);
});

for (const isTls of [false, true]) {
  test(`a connection on which nothing moves during a request is ended, ${isTls ? 'over TLS' : 'plain'}`, async (t) => {
    const certificate = await make();
    const [arrived, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const handler: http.RequestListener = (_req, res) => {
      res.once('close', ended.resolve);
      arrived.resolve();
      // more than the sockets' buffers hold, to a client that reads nothing
      res.end(Buffer.alloc(30_000_000));
    };
    const tlsOptions = isTls ? { tls: certificate } : {};
    const listener = await listen({ port: 0, handler, maxConnections: 10, silenceMs: 50, ...tlsOptions });
    const to = { port: listener.port, host: 'localhost' };
    const socket = isTls ? tls.connect({ ...to, ca: certificate.cert }) : net.connect(to);
    t.after(async () => {
      socket.destroy();
      await listener.drain(new FakeClock(), 0);
    });
    socket.on('error', () => {
      // a reset is one of the ways to be ended
    });
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await arrived.promise;
    await ended.promise;
  });
}
