import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './fake-clock.ts';

test('wakes timers in the order they are due, each at its time', async () => {
  const clock = new FakeClock(1000);
  const seen: string[] = [];
  const note = (name: string) => () => seen.push(`${name} at ${clock.monotonicMs()}, wall ${clock.nowMs()}`);
  clock.after(20, note('late'));
  clock.after(10, note('early'));
  clock.after(20, note('later'));
  await clock.advance(19);
  assert.deepEqual(seen, ['early at 10, wall 1010']);
  await clock.advance(1);
  assert.deepEqual(seen.slice(1), ['late at 20, wall 1020', 'later at 20, wall 1020']);
  assert.equal(clock.pending, 0);
});

test('wakes timers that promises set while time passes', async () => {
  const clock = new FakeClock();
  const sleep = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  const wokenMs: number[] = [];
  const loop = async () => {
    for (let i = 0; i < 3; i++) {
      await sleep(10);
      wokenMs.push(clock.monotonicMs());
    }
  };
  const done = loop();
  await clock.advance(30);
  await done;
  assert.deepEqual(wokenMs, [10, 20, 30]);
});

test('forgets a timer that is called off', async () => {
  const clock = new FakeClock();
  let isWoken = false;
  const callOff = clock.after(5, () => {
    isWoken = true;
  });
  assert.equal(clock.nextMs, 5);
  callOff();
  assert.equal(clock.nextMs, undefined);
  await clock.advance(10);
  assert.equal(isWoken, false);
});

test('steps the wall clock without touching the monotonic one', async () => {
  const clock = new FakeClock(5000);
  await clock.advance(7);
  clock.stepWall(-3000);
  assert.deepEqual([clock.nowMs(), clock.monotonicMs()], [2007, 7]);
});
