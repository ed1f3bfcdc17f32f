import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turn } from '../../../server/http/turn.ts';

function startTurn() {
  const done: string[] = [];
  const turn = new Turn((error) => void done.push(`failed: ${error.message}`));
  const ask = (name: string, bytes = 1000) =>
    turn.decide(() => {
      done.push(`decide ${name}`);
      // as a handler that awaited its body goes on
      void Promise.resolve().then(() => turn.reply(() => void done.push(`reply ${name}`)));
    }, bytes);
  return { done, turn, ask };
}

test('requests that arrive together are all decided before the first is replied to', async () => {
  const { done, ask } = startTurn();
  ask('a');
  ask('b');
  assert.deepEqual(done, []);
  await nextTurn();
  await nextTurn();
  assert.deepEqual(done, ['decide a', 'decide b', 'reply a', 'reply b']);
});

test('a reply whose decision had to wait is written in a later turn', async () => {
  const { done, turn, ask } = startTurn();
  ask('a');
  await nextTurn();
  await nextTurn();
  turn.reply(() => void done.push('late'));
  await nextTurn();
  await nextTurn();
  assert.deepEqual(done, ['decide a', 'reply a', 'late']);
});

test('a reply that throws is told of, and the others are written', async () => {
  const { done, turn } = startTurn();
  turn.reply(() => {
    throw new Error('gone');
  });
  turn.reply(() => void done.push('reply b'));
  await nextTurn();
  await nextTurn();
  assert.deepEqual(done, ['failed: gone', 'reply b']);
});

test('of hundreds that arrive together, 32 are decided at a time', () => {
  const { done, ask } = startTurn();
  for (let n = 1; n < 32; n++) ask(String(n));
  assert.equal(done.length, 0);
  ask('32');
  assert.equal(done.length, 32);
});

test('large bodies that arrive together are decided as soon as they are half a megabyte', () => {
  const { done, ask } = startTurn();
  ask('a', 300_000);
  assert.deepEqual(done, []);
  ask('b', 300_000);
  assert.deepEqual(done, ['decide a', 'decide b']);
  ask('c', 300_000);
  assert.deepEqual(done, ['decide a', 'decide b']);
});

test('what a decision asks to be decided is done as well', async () => {
  const { done, turn, ask } = startTurn();
  turn.decide(() => void Promise.resolve().then(() => ask('late')), 0);
  for (let turns = 0; turns < 4; turns++) await nextTurn();
  assert.deepEqual(done, ['decide late', 'reply late']);
});
