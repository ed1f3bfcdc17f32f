import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Attempts } from '../../../../server/io/kube/attempts.ts';
import type { WriteOutcome } from '../../../../server/io/kube/conditional-write.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const written: WriteOutcome = { kind: 'written', object: { metadata: { name: 'a' } } };
const conflict: WriteOutcome = { kind: 'conflict', reason: 'modified' };
const failed: WriteOutcome = { kind: 'failed', reason: 'update: 500 broken' };

/** Attempts that end as told, at whatever is still to do. */
function setUp(t: TestContext, ...outcomes: readonly (WriteOutcome | Error)[]) {
  const clock = new FakeClock();
  const left = [...outcomes];
  const faults: string[] = [];
  const state = { made: 0 };
  const work = async () => {
    state.made++;
    const outcome = left.shift() ?? written;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const again = () => {
    if (left.length > 0) attempts.try(work);
  };
  const attempts = new Attempts({ clock, random: () => 0.5, again, failed: (reason) => faults.push(reason) });
  t.after(() => attempts.stop());
  return { clock, attempts, faults, state, begin: () => attempts.try(work) };
}

test('makes one attempt at a time', async (t) => {
  const { state, begin } = setUp(t);
  begin();
  begin();
  assert.equal(state.made, 1);
  await setImmediate();
  begin();
  assert.equal(state.made, 2);
});

test('tries again after a pause that grows, tells each reason once, and forgets it after a success', async (t) => {
  const { clock, attempts, faults, state, begin } = setUp(t, failed, failed, new Error('bug'), written);
  begin();
  await clock.advance(499);
  assert.equal(state.made, 1);
  await clock.advance(1);
  assert.equal(state.made, 2);
  await clock.advance(999);
  assert.equal(state.made, 2);
  await clock.advance(1);
  assert.deepEqual(faults, [failed.kind === 'failed' && failed.reason, 'internal error: bug']);
  assert.equal(attempts.fault, 'internal error: bug');
  await clock.advance(2000);
  assert.deepEqual([state.made, attempts.fault], [4, undefined]);
});

test('waits as long as the API server asks', async (t) => {
  const { clock, state, begin } = setUp(t, { ...failed, retryAfterMs: 7000 }, written);
  begin();
  await clock.advance(7000);
  assert.equal(state.made, 1);
  await clock.advance(500);
  assert.equal(state.made, 2);
});

test('goes on at once after a conflict when what there is has changed, and takes a series of them for a fault', async (t) => {
  const { clock, attempts, faults, state, begin } = setUp(t, conflict, conflict, conflict, conflict, conflict, written);
  begin();
  await setImmediate();
  begin();
  assert.equal(state.made, 1);
  for (let made = 2; made <= 5; made++) {
    attempts.heard();
    begin();
    await setImmediate();
    assert.equal(state.made, made);
    assert.deepEqual(faults, made < 5 ? [] : ['modified']);
  }
  await clock.advance(30_000);
  assert.deepEqual([state.made, attempts.fault], [6, undefined]);
});

test('makes no attempt once it is stopped', async (t) => {
  const { clock, attempts, state, begin } = setUp(t, failed, written);
  begin();
  await setImmediate();
  attempts.stop();
  begin();
  await clock.advance(60_000);
  assert.deepEqual([state.made, clock.pending], [1, 0]);
});
