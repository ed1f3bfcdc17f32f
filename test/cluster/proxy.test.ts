import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startProxy } from './proxy.ts';

/** Starts an echo server and a proxy to it; both end with the test. */
async function openProxy(context: TestContext) {
  const echo = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const proxy = await startProxy('127.0.0.1', (echo.address() as AddressInfo).port);
  const client = connect(proxy.port, '127.0.0.1');
  await once(client, 'connect');
  context.after(async () => {
    client.destroy();
    await proxy.close();
    echo.close();
  });
  return { proxy, client };
}

test('passes bytes both ways', async (context) => {
  const { client } = await openProxy(context);
  client.write('hello');
  assert.equal(String((await once(client, 'data'))[0]), 'hello');
});

test('cut resets the connections that are open and says how many they were', async (context) => {
  const { client, proxy } = await openProxy(context);
  client.write('hello');
  await once(client, 'data');
  const reset = once(client, 'error');
  assert.equal(proxy.cut(), 1);
  assert.equal((await reset)[0].code, 'ECONNRESET');
});

test('what is sent to a deaf proxy arrives once it hears again', async (context) => {
  const { client, proxy } = await openProxy(context);
  client.write('hello');
  await once(client, 'data');
  proxy.goDeaf();
  let heard = '';
  client.on('data', (chunk) => {
    heard += chunk;
  });
  await new Promise<void>((resolve) => client.write('again', () => resolve()));
  assert.equal(heard, '');
  proxy.hear();
  await once(client, 'data');
  assert.equal(heard, 'again');
});
