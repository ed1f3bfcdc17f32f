import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { beginInTurn } from '../../../server/io/first-words.ts';

const patientMs = 60_000;

/** A server, and the connections that it has begun with. */
async function scene(t: TestContext, silenceMs = patientMs) {
  const begun: Socket[] = [];
  const server = net.createServer((socket) => {
    begun.push(socket);
  });
  beginInTurn(server, silenceMs);
  const taken: Socket[] = [];
  server.on('connection', (socket) => {
    taken.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of taken) socket.destroy();
    server.close();
  });
  const connect = async () => {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    t.after(() => client.destroy());
    const [socket] = await accepted;
    return { client, socket };
  };
  return { begun, connect };
}

test('a connection begins with the first bytes of its client, which are there to be read', async (t) => {
  const { begun, connect } = await scene(t);
  const silent = await connect();
  const { client, socket } = await connect();
  client.write('hello');
  await once(socket, 'readable');
  await nextTurn();
  await nextTurn();
  assert.deepEqual(begun, [socket]);
  assert.equal(String(socket.read()), 'hello');
  assert.equal(socket.timeout, 0);
  assert.equal(silent.socket.destroyed, false);
});

test('of clients that speak at once one begins a turn, in the order of their words', async (t) => {
  const { begun, connect } = await scene(t);
  const [first, second, third] = [await connect(), await connect(), await connect()];
  const order = [third.socket, first.socket, second.socket];
  // as if their words had come in one turn
  for (const socket of order) {
    socket.push('hello');
    socket.emit('readable');
  }
  const counts: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    await nextTurn();
    counts.push(begun.length);
  }
  assert.deepEqual(counts, [1, 2, 3]);
  assert.deepEqual(begun, order);
});

test('a client that says nothing is let go after a while, and one that leaves without a word at once', async (t) => {
  const { begun, connect } = await scene(t, 20);
  const silent = await connect();
  await once(silent.client.resume(), 'close');
  const leaving = await (await scene(t)).connect();
  leaving.client.end();
  await once(leaving.client.resume(), 'close');
  assert.deepEqual(begun, []);
});

test('a client that is reset before its turn is not begun with', async (t) => {
  const { begun, connect } = await scene(t);
  const { client, socket } = await connect();
  client.write('hello');
  await once(socket, 'readable');
  socket.destroy();
  await delay(1);
  await nextTurn();
  assert.deepEqual(begun, []);
});
