import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeExchange, hang, refuse, reset } from '../../../support/fake-api-server.ts';
import { until } from './rig.ts';
import { live, plain, role, setup, synced, withRole } from './source-rig.ts';

/** Only a test that hangs is ended by it. */
const limits = { timeout: 20_000 };

test('answers a miss by the watch event, when that is first', limits, async (context) => {
  const { lookup, server, metrics, clock } = await synced(context);
  server.misbehave('get', hang);
  const answer = lookup('new');
  await until(() => server.count('get') === 1);
  await clock.advance(250);
  server.put('team', 'new', withRole);
  assert.deepEqual(await answer, live);
  assert.deepEqual(metrics.of('looked'), [['live', 0.25]]);
  await until(() => clock.pending === 1);
});

test('answers a miss by the GET, when that is first', limits, async (context) => {
  const { lookup, server } = await synced(context);
  server.put('team', 'new', withRole, true);
  assert.deepEqual(await lookup('new'), live);
  assert.equal(server.count('get'), 1);
});

test('shares one GET among all that wait for the same account', limits, async (context) => {
  const { lookup, server } = await synced(context);
  const held: FakeExchange[] = [];
  server.misbehave('get', (exchange) => void held.push(exchange));
  const answers = Array.from({ length: 50 }, () => lookup('new'));
  await until(() => held.length === 1);
  held[0]?.response.end(JSON.stringify({ metadata: { name: 'new', namespace: 'team', annotations: role } }));
  for (const answer of await Promise.all(answers)) assert.deepEqual(answer, live);
  assert.equal(server.count('get'), 1);
});

test('goes on waiting for the watch when the GET came before the account', limits, async (context) => {
  const { lookup, server, clock, metrics } = await synced(context);
  const answer = lookup('new');
  await until(() => server.count('get') === 1 && clock.pending === 3);
  await clock.advance(100);
  server.put('team', 'new', withRole);
  assert.deepEqual(await answer, live);
  assert.deepEqual(metrics.of('looked'), [['live', 0.1]]);
});

test('asks once more at half of the time, for a watch that is deaf', limits, async (context) => {
  const { lookup, server, clock } = await synced(context);
  const answer = lookup('new');
  await until(() => server.count('get') === 1 && clock.pending === 3);
  server.put('team', 'new', withRole, true);
  await clock.advance(500);
  assert.deepEqual(await answer, live);
  assert.equal(server.count('get'), 2);
});

test('answers missing at the deadline, and at once for two seconds after', limits, async (context) => {
  const { lookup, server, clock, caughtUp } = await synced(context);
  const answer = lookup('nobody');
  await until(() => server.count('get') === 1 && clock.pending === 3);
  await clock.advance(1000);
  assert.equal((await answer).outcome, 'missing');
  assert.deepEqual(lookup('nobody'), { outcome: 'missing', annotations: {} });
  server.put('team', 'nobody', withRole);
  await caughtUp();
  assert.deepEqual(lookup('nobody'), { outcome: 'cached', annotations: role }, 'seen at once when it is created');
});

test('asks again when "missing" is no longer fresh', limits, async (context) => {
  const { lookup, server, clock } = await synced(context);
  const answer = lookup('nobody');
  await until(() => server.count('get') === 1 && clock.pending === 3);
  await clock.advance(1000);
  await answer;
  await clock.advance(2000);
  assert.ok(lookup('nobody') instanceof Promise);
});

test('waits for the role of an account that was just made, without a GET at first', limits, async (context) => {
  const { lookup, server, clock, caughtUp } = await synced(context);
  server.put('team', 'new', { creationTimestamp: new Date(clock.nowMs()).toISOString() });
  await caughtUp();
  const answer = lookup('new');
  await clock.advance(300);
  assert.equal(server.count('get'), 0);
  server.put('team', 'new', { annotations: role, creationTimestamp: new Date(clock.nowMs()).toISOString() });
  assert.deepEqual(await answer, live);
});

test('waits no longer than an account is young, and asks the server once', limits, async (context) => {
  const { lookup, server, clock, caughtUp } = await synced(context);
  server.put('team', 'new', { creationTimestamp: new Date(clock.nowMs()).toISOString() });
  await caughtUp();
  await clock.advance(400);
  const answer = lookup('new');
  await clock.advance(300);
  await until(() => server.count('get') === 1 && clock.pending === 2);
  await clock.advance(300);
  assert.deepEqual(await answer, { outcome: 'live', annotations: {} });
  assert.deepEqual(lookup('new'), plain, 'an account that is no longer young costs no wait');
  assert.equal(server.count('get'), 1);
});

test('takes an account for new by its arrival, whatever the clock of the server says', limits, async (context) => {
  const { lookup, server, caughtUp } = await synced(context);
  server.put('team', 'new', { creationTimestamp: '2001-01-01T00:00:00Z' });
  await caughtUp();
  assert.ok(lookup('new') instanceof Promise);
});

test('treats accounts of the first state as young by their creation time', limits, async (context) => {
  const rig = await setup(context, 1000);
  const created = (ageMs: number) => ({ creationTimestamp: new Date(rig.clock.nowMs() - ageMs).toISOString() });
  rig.server.put('team', 'young', created(900));
  rig.server.put('team', 'grown', created(2100));
  rig.source.start();
  await until(() => rig.source.readiness() === undefined);
  assert.ok(rig.lookup('young') instanceof Promise);
  assert.deepEqual(rig.lookup('grown'), plain);
});

test('keeps within the deadline it is given', limits, async (context) => {
  const { lookup, server, clock } = await synced(context);
  server.misbehave('get', hang);
  const answer = lookup('new', 200);
  await clock.advance(200);
  assert.deepEqual(await answer, { outcome: 'timed-out', annotations: {} });
  assert.deepEqual(lookup('newer', 0), { outcome: 'timed-out', annotations: {} });
});

for (const [what, act] of [
  ['refuses with 500', refuse(500)],
  ['refuses with 403', refuse(403)],
  ['resets', reset],
] as const) {
  test(`answers unavailable at the deadline when the server ${what}`, limits, async (context) => {
    const { lookup, server, clock, log } = await synced(context);
    server.misbehave('get', act, act, act, act);
    const told = () => log.messages.filter((line) => line.includes('could not be asked')).length;
    const answer = lookup('new');
    await until(() => told() === 1);
    await clock.advance(500);
    await until(() => told() === 2);
    await clock.advance(500);
    assert.equal((await answer).outcome, 'unavailable');
    assert.ok(lookup('new') instanceof Promise, 'is not taken for missing');
  });
}
