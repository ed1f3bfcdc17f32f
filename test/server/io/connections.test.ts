import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { createConnections } from '../../../server/io/connections.ts';

/** A socket that says who its peer is, and closes when it is told to. */
class FakeSocket extends EventEmitter {
  readonly remoteAddress = '10.0.0.1';
  readonly remotePort: number;
  isOpen = true;

  constructor(remotePort: number) {
    super();
    this.remotePort = remotePort;
  }

  destroy(): void {
    this.isOpen = false;
  }
}

function crowd(limit: number, count = 0) {
  const state = { cuts: 0 };
  const connections = createConnections(limit, () => void state.cuts++);
  const sockets: FakeSocket[] = [];
  const enter = (port = sockets.length): FakeSocket => {
    const socket = new FakeSocket(port);
    sockets.push(socket);
    connections.enter(socket as unknown as Socket);
    return socket;
  };
  const heard = (socket: FakeSocket, writableFinished = true) =>
    connections.heard(socket as unknown as Socket, { writableFinished } as ServerResponse);
  for (let index = 0; index < count; index++) enter();
  const open = () => sockets.flatMap(({ isOpen, remotePort }) => (isOpen ? [remotePort] : []));
  return { connections, sockets, enter, heard, open, state };
}

test('of idle strangers the oldest makes room', () => {
  const { open, state } = crowd(3, 5);
  assert.deepEqual(open(), [2, 3, 4]);
  assert.equal(state.cuts, 2);
});

test('a crowd of strangers drives out none that have asked', () => {
  const { sockets, heard, enter, open } = crowd(5, 2);
  for (const socket of sockets) heard(socket);
  for (let count = 0; count < 20; count++) enter();
  assert.deepEqual(open(), [0, 1, 19, 20, 21]);
});

test('a crowd that has asked once does not keep newcomers out: whoever asked longest ago makes room', () => {
  const { sockets, heard, enter, open } = crowd(4, 4);
  for (const socket of sockets) heard(socket);
  for (const index of [0, 2]) heard(sockets[index] as FakeSocket);
  heard(enter());
  enter();
  assert.deepEqual(open(), [0, 2, 4, 5]);
});

test('one that waits for its answer is not idle, however long ago it asked', () => {
  const { sockets, heard, enter, open } = crowd(3, 3);
  heard(sockets[0] as FakeSocket, false);
  heard(sockets[1] as FakeSocket);
  heard(sockets[2] as FakeSocket);
  enter();
  assert.deepEqual(open(), [0, 2, 3]);
});

test('a connection that has closed leaves its place', () => {
  const { sockets, enter, open, state } = crowd(2, 2);
  sockets[0]?.destroy();
  sockets[0]?.emit('close');
  enter();
  assert.deepEqual([open(), state.cuts], [[1, 2], 0]);
});

test('a peer that is back before its old connection has closed keeps its place', () => {
  const { sockets, enter, open } = crowd(2, 1);
  sockets[0]?.destroy();
  enter(0);
  sockets[0]?.emit('close');
  enter(1);
  enter(2);
  assert.deepEqual(open(), [1, 2]);
});

test('all are cut at once, whether they have asked or not', () => {
  const { connections, sockets, heard, open, state } = crowd(4, 4);
  heard(sockets[1] as FakeSocket);
  connections.cut();
  assert.deepEqual([open(), state.cuts], [[], 0]);
});

test('whoever comes, there are never more than the limit, and the newest is always among them', () => {
  const steps = fc.array(fc.record({ asks: fc.boolean(), which: fc.nat() }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), steps, (limit, list) => {
      const { sockets, enter, heard, open } = crowd(limit, 1);
      for (const { asks, which } of list) {
        if (asks) heard(sockets[which % sockets.length] as FakeSocket);
        else enter();
        assert.ok(open().length <= limit);
        assert.equal(sockets.at(-1)?.isOpen, true);
      }
    }),
  );
});
