/** Tests bench/stream-reader.ts. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { it, type TestContext } from 'node:test';
import { createFakeApi } from '../../bench/fake-api.ts';
import { readStream } from '../../bench/stream-reader.ts';

async function listen(t: TestContext, server: http.Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('asks so that the API server of the bench streams the first state, and reads it to its end', async (t) => {
  assert.ok((await readStream(await listen(t, createFakeApi(500)))) > 0);
});

it('goes on to the mark of the end, which may come in two parts', async (t) => {
  const firstPart = Promise.withResolvers<http.ServerResponse>();
  const server = http.createServer((_, response) => {
    response.write('{"type":"ADDED"}\n{"annotations":{"k8s.io/initial-', () => firstPart.resolve(response));
  });
  let isOver = false;
  const reading = readStream(await listen(t, server)).then(() => {
    isOver = true;
  });
  const response = await firstPart.promise;
  assert.equal(isOver, false);
  response.write('events-end":"true"}}\n');
  await reading;
  assert.equal(isOver, true);
});

it('fails when the stream ends too soon', async (t) => {
  const server = http.createServer((_, response) => response.end('{"type":"ADDED"}\n'));
  await assert.rejects(readStream(await listen(t, server)), /before the first state was whole/);
});
