import assert from 'node:assert/strict';
import { once } from 'node:events';
import type http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import { listen } from '../../../server/io/listener.ts';
import { makeSelfSigned } from '../../../server/io/tls/self-signed.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const answer: http.RequestListener = (_req, res) => void res.end('ok');

/**
 * Returns what a client hears that sends no more, and still reads.
 * @param before what is to come before it sends the last and falls silent
 */
async function leave(listener: { readonly port: number }, sent: string, before?: RegExp, last = ''): Promise<string> {
  const socket = net.connect({ port: listener.port, allowHalfOpen: true });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
    if (before?.test(text)) socket.end(last);
  });
  socket.write(sent);
  if (before === undefined) socket.end();
  await once(socket, 'end');
  return text;
}

const whole = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const half = whole.slice(0, -2);

test('a client that leaves hears what it left unfinished', async (t) => {
  const listener = await listen({ port: 0, handler: answer, maxConnections: 10 });
  t.after(() => listener.drain(new FakeClock(), 0));
  assert.match(await leave(listener, half), /^HTTP\/1\.1 400 Bad Request/);
  assert.match(await leave(listener, whole, /ok$/, half), /\r\n\r\nokHTTP\/1\.1 400 Bad Request/);
  assert.match(await leave(listener, `${whole}${half}`, /ok$/), /\r\n\r\nokHTTP\/1\.1 400 Bad Request/);
  assert.match(await leave(listener, whole, /ok$/), /\r\n\r\nok$/);
  assert.equal(await leave(listener, ''), '');
});

test('a client that leaves and awaits nothing is let go without a farewell', async (t) => {
  const certificate = await makeSelfSigned({ nowMs: Date.now(), durationMs: 3_600_000 });
  const listener = await listen({ port: 0, handler: answer, maxConnections: 10, tls: certificate });
  t.after(() => listener.drain(new FakeClock(), 0));
  const transport = net.connect(listener.port, 'localhost');
  const socket = tls.connect({ socket: transport, host: 'localhost', ca: certificate.cert });
  socket.on('error', () => {
    // a reset is one of the ways to be let go
  });
  socket.write(whole);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  assert.match(chunk.toString(), /ok$/);
  const { bytesRead } = transport;
  socket.end();
  await once(transport, 'close');
  assert.equal(transport.bytesRead, bytesRead);
});
