import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { endingInTurn } from '../../../server/io/ending.ts';
import { openPair } from '../../support/socket-pair.ts';

/** A socket that notes when it is closed, and what it takes with it. */
class NotingSocket extends Socket {
  readonly #close: () => void;

  constructor(close: () => void) {
    super();
    this.#close = close;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#close();
    super._destroy(error, callback);
  }
}

test('connections that end all at once count as destroyed at once, and are closed a few a turn', async () => {
  const endInTurn = endingInTurn();
  let closed = 0;
  const sockets = Array.from({ length: 20 }, () => new NotingSocket(() => closed++));
  for (const socket of sockets) endInTurn(socket);
  const lastClosed = once(sockets.at(-1) as Socket, 'close');
  for (const socket of sockets) socket.destroy();
  assert.ok(sockets.every(({ destroyed }) => destroyed));
  const counts = [closed];
  for (let turn = 0; turn < 3; turn++) {
    await nextTurn();
    counts.push(closed);
  }
  assert.deepEqual(counts, [0, 8, 16, 20]);
  await lastClosed;
});

test('a socket takes the one below with it, in the same turn and on its account', async () => {
  const endInTurn = endingInTurn();
  const closed = { above: 0, below: 0 };
  const pairs = Array.from({ length: 9 }, () => {
    const below = new NotingSocket(() => closed.below++);
    const above = new NotingSocket(() => {
      closed.above++;
      below.destroy();
    });
    endInTurn(below);
    endInTurn(above);
    return above;
  });
  for (const above of pairs) above.destroy();
  await nextTurn();
  assert.deepEqual(closed, { above: 8, below: 8 });
  await nextTurn();
  assert.deepEqual(closed, { above: 9, below: 9 });
});

test('the reason of an end reaches who listens', async () => {
  const socket = new Socket();
  endingInTurn()(socket);
  const reason = new Error('reset');
  socket.destroy(reason);
  assert.deepEqual(await once(socket, 'error'), [reason]);
});

test('from a connection that is to end nothing more is read', async (t) => {
  const { client, socket } = await openPair(t);
  const endInTurn = endingInTurn();
  endInTurn(socket);
  // so many are before it that its own turn is far
  const others = Array.from({ length: 200 }, () => new Socket());
  for (const other of others) endInTurn(other);
  socket.resume();
  client.write('heard');
  await once(socket, 'data');
  for (const other of [...others, socket]) other.destroy();
  client.write('not heard');
  await nextTurn();
  const { bytesRead } = socket;
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  assert.equal(socket.closed, false);
  // what TLS has received before is handed on like this
  const { _handle: handle } = socket as Socket & { readonly _handle: { onread(bytes: ArrayBuffer): void } };
  handle.onread(new ArrayBuffer(5));
  assert.deepEqual([bytesRead, socket.bytesRead], ['heard'.length, 'heard'.length]);
  await once(socket, 'close');
});
