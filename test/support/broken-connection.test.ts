import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { breakOff } from './broken-connection.ts';

test('a connection that is broken off is reset', async (t) => {
  const [near, far] = await connect(t);
  const failed = once(far, 'error');
  breakOff(near);
  assert.equal((await failed)[0].code, 'ECONNRESET');
});

test('one that is just being ended closes, and its handle with it', async (t) => {
  const [near, far] = await connect(t);
  far.resume();
  const errors: Error[] = [];
  near.on('error', (error) => errors.push(error));
  near.end();
  // the stream's end has become a shutdown by then, which is not over
  await new Promise<void>((resolve) => process.nextTick(() => process.nextTick(resolve)));
  const closed = once(near, 'close');
  breakOff(near);
  await closed;
  assert.deepEqual(errors, []);
});

async function connect(t: TestContext): Promise<readonly [Socket, Socket]> {
  const server = net.createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const near = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[far]] = await Promise.all([once(server, 'connection'), once(near, 'connect')]);
  return [near, far as Socket];
}
