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

test('goes on at once after a conflict when what there is has changed, however often others are faster', async (t) => {
  const { attempts, faults, state, begin } = setUp(t, ...Array.from({ length: 20 }, () => conflict));
  for (let made = 1; made <= 20; made++) {
    begin();
    await setImmediate();
    begin();
    assert.equal(state.made, made, 'not before something is heard');
    attempts.heard();
  }
  assert.deepEqual([faults, attempts.fault], [[], undefined]);
});

test('goes on at once after a conflict when the change is heard of before the refusal', async (t) => {
  const { attempts, state, begin } = setUp(t, conflict, written);
  begin();
  attempts.heard();
  await setImmediate();
  assert.deepEqual([state.made, attempts.fault], [2, undefined]);
});

test('takes conflicts for a fault when nothing is heard of a change', async (t) => {
  const { clock, faults, state, begin } = setUp(t, conflict, conflict, conflict, conflict, conflict, written);
  begin();
  await clock.advance(7_499);
  assert.deepEqual([state.made, faults], [4, []]);
  await clock.advance(1);
  assert.deepEqual([state.made, faults], [5, ['modified']]);
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
