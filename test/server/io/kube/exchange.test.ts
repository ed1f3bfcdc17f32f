/** Tests server/io/kube/exchange.ts; what a client makes of it is tested in client.test.ts. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createKubeClient } from '../../../../server/io/kube/client.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { accessTo } from './rig.ts';

const line = `${'x'.repeat(1023)}\n`;
const lines = 8 * 1024;

/** On a thread of its own, so that it fills the connection while this one is busy. */
const floodingServer = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:http').createServer((_, response) => response.end(${JSON.stringify(line)}.repeat(${lines})));
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

test('lets other work have its turn while a long answer floods in', { timeout: 20_000 }, async (context) => {
  const worker = new Worker(floodingServer, { eval: true });
  context.after(() => worker.terminate());
  const [port] = await once(worker, 'message');
  const client = createKubeClient({ access: await accessTo(`http://127.0.0.1:${port}`), clock: new FakeClock() });
  context.after(() => client.close());
  const busy = new Int32Array(new SharedArrayBuffer(4));
  let [turn, most, total, isOver] = [0, 0, 0, false];
  const nextTurn = () => {
    turn = 0;
    Atomics.wait(busy, 0, 0, 2);
    if (!isOver) setImmediate(nextTurn);
  };
  nextTurn();
  const end = await client.stream('/api/v1/serviceaccounts?watch=true', {
    idleMs: () => 5000,
    signal: new AbortController().signal,
    onLine: ({ length }) => {
      turn += length + 1;
      total += length + 1;
      most = Math.max(most, turn);
    },
  });
  isOver = true;
  assert.deepEqual([end.kind, total], ['ended', lines * line.length]);
  // a chunk of 64 KiB, and one that was read before the pause took hold
  assert.ok(most <= 2 * 65_536, `${most} bytes in one turn of the event loop`);
});
