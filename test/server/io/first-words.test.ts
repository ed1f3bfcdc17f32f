import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beginInTurn } from '../../../server/io/first-words.ts';

const patientMs = 60_000;

/** A server, and the connections that it has begun with. */
async function scene(t: TestContext, silenceMs = patientMs) {
  const begun: Socket[] = [];
  // as servers of HTTP are
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
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

test('a client that says nothing is let go after a while', async (t) => {
  const { begun, connect } = await scene(t, 20);
  const { client } = await connect();
  await once(client.resume(), 'close');
  assert.deepEqual(begun, []);
});

test('a client that leaves without a word is let go at once', async (t) => {
  const { begun, connect } = await scene(t);
  const { client } = await connect();
  client.end();
  await once(client.resume(), 'close');
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  assert.deepEqual(begun, []);
});

test('a client that has spoken in time is not let go for the time until its turn', async (t) => {
  const { connect } = await scene(t, 20);
  const { client, socket } = await connect();
  client.write('hello');
  await once(socket, 'readable');
  assert.equal(socket.timeout, 0);
});

for (const words of ['', 'hello']) {
  test(`a client that is reset ${words ? 'before its turn' : 'before its first bytes'} harms nobody`, async (t) => {
    const { begun, connect } = await scene(t);
    const { client, socket } = await connect();
    const ended = new Promise((resolve) => socket.once('close', resolve));
    if (words) {
      socket.push(words);
      socket.emit('readable');
    }
    client.resetAndDestroy();
    if (words) socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    await ended;
    for (let turn = 0; turn < 2; turn++) await nextTurn();
    assert.deepEqual(begun, []);
  });
}
