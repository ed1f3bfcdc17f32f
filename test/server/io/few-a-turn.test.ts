import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { aFewATurn } from '../../../server/io/few-a-turn.ts';

test('what many want is done in order, so much of it a turn of the event loop, and what comes up meanwhile after it', async () => {
  const inTurn = aFewATurn(3);
  const done: number[] = [];
  for (let number = 0; number < 7; number++) {
    inTurn(() => {
      done.push(number);
      if (number === 6) inTurn(() => done.push(7));
    });
  }
  assert.deepEqual(done, []);
  const counts: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    await nextTurn();
    counts.push(done.length);
  }
  assert.deepEqual(counts, [3, 6, 8, 8]);
  assert.deepEqual(done, [0, 1, 2, 3, 4, 5, 6, 7]);
});

test('when one throws, those behind it have their turn all the same', async (t) => {
  const inTurn = aFewATurn(2);
  const done: string[] = [];
  t.after(() => process.setUncaughtExceptionCaptureCallback(null));
  const thrown = new Promise<unknown>((resolve) => process.setUncaughtExceptionCaptureCallback(resolve));
  inTurn(() => {
    throw new Error('a bug');
  });
  for (const name of ['a', 'b', 'c']) inTurn(() => done.push(name));
  assert.match(String(await thrown), /a bug/);
  await nextTurn();
  await nextTurn();
  assert.deepEqual(done, ['a', 'b', 'c']);
});
