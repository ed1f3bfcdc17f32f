import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { IdentityFacts } from '../../../../server/core/types.ts';
import { createServiceAccountSource } from '../../../../server/io/kube/service-accounts.ts';
import type { IdentitySource } from '../../../../server/ports.ts';
import { type FakeExchange, hang, refuse, reset } from '../../../support/fake-api-server.ts';
import { createRig, type Rig, until } from './rig.ts';

/** Only a test that hangs is ended by it. */
const limits = { timeout: 20_000 };
const roleAnnotation = 'eks.amazonaws.com/role-arn';
const role = { [roleAnnotation]: 'arn:aws:iam::111122223333:role/app' };
const withRole = { annotations: role };
const live: IdentityFacts = { outcome: 'live', annotations: role };
const plain = { outcome: 'cached', annotations: {} };

interface Setup extends Rig {
  readonly source: IdentitySource;
  lookup(name: string, patienceMs?: number): IdentityFacts | Promise<IdentityFacts>;
  /** Marks the end of what was sent so far: resolves once the watch has brought it. */
  caughtUp(): Promise<void>;
}

async function setup(context: TestContext, graceMs: number): Promise<Setup> {
  const rig = await createRig(context);
  const isRelevant = (key: string) => key.startsWith('eks.amazonaws.com/');
  const source = createServiceAccountSource({ ...rig, isRelevant, roleAnnotation, graceMs });
  context.after(() => source.stop());
  const created = (ageMs: number) => new Date(rig.clock.nowMs() - ageMs).toISOString();
  rig.server.put('team', 'old', { annotations: { other: 'x' }, creationTimestamp: created(3_600_000) });
  rig.server.put('team', 'app', { annotations: { ...role, other: 'x' }, creationTimestamp: created(3_600_000) });
  let marks = 0;
  return {
    ...rig,
    source,
    lookup: (name, patienceMs = 3000) =>
      source.lookup({ namespace: 'team', name }, rig.clock.monotonicMs() + patienceMs),
    async caughtUp() {
      const mark = `mark-${++marks}`;
      rig.server.put('marks', mark);
      await until(() => source.snapshot().has(`marks/${mark}`));
    },
  };
}

/** Starts the source and waits for the first state. */
async function synced(context: TestContext, graceMs = 1000): Promise<Setup> {
  const rig = await setup(context, graceMs);
  rig.source.start();
  await until(() => rig.source.readiness() === undefined);
  return rig;
}

test('answers from the cache at once, with only the annotations that are ours', limits, async (context) => {
  const { lookup, server, metrics } = await synced(context);
  assert.deepEqual(lookup('app'), { outcome: 'cached', annotations: role });
  assert.deepEqual(lookup('old'), plain);
  assert.equal(server.count('get'), 0);
  assert.deepEqual(metrics.of('looked'), []);
});

test('follows changes and deletions', limits, async (context) => {
  const { lookup, server, caughtUp } = await synced(context);
  server.put('team', 'old', withRole);
  server.put('team', 'app', { annotations: { ...role, 'eks.amazonaws.com/audience': 'me' } });
  await caughtUp();
  assert.deepEqual(lookup('old'), { outcome: 'cached', annotations: role });
  assert.deepEqual(lookup('app'), { outcome: 'cached', annotations: { ...role, 'eks.amazonaws.com/audience': 'me' } });
  server.remove('team', 'app');
  await caughtUp();
  const answer = lookup('app');
  assert.ok(answer instanceof Promise);
});

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

test('does not wait when the grace period is 0', limits, async (context) => {
  const { lookup, server, caughtUp } = await synced(context, 0);
  assert.deepEqual(lookup('nobody'), { outcome: 'missing', annotations: {} });
  server.put('team', 'new');
  await caughtUp();
  assert.deepEqual(lookup('new'), plain);
  assert.equal(server.count('get'), 0);
});

for (const graceMs of [0, 1000]) {
  test(`answers by a GET before the first list, with a grace period of ${graceMs} ms`, limits, async (context) => {
    const { lookup, server, source } = await setup(context, graceMs);
    server.misbehave('watch', hang);
    source.start();
    assert.deepEqual(await lookup('app'), live);
    assert.deepEqual(await lookup('old'), { outcome: 'live', annotations: {} });
    assert.notEqual(source.readiness(), undefined);
  });
}

test('answers missing by the GET before the first list when there is no grace period', limits, async (context) => {
  const { lookup } = await setup(context, 0);
  assert.deepEqual(await lookup('nobody'), { outcome: 'missing', annotations: {} });
});

test('answers what the first list has brought before it is whole', limits, async (context) => {
  const { lookup, server, source } = await setup(context, 1000);
  server.isStreamingLists = false;
  server.misbehave('get', hang);
  source.start();
  assert.deepEqual(await lookup('app'), live);
  assert.notEqual(source.readiness(), undefined);
});

test(
  'answers a thousand new accounts by their watch events, with a bounded number of GETs',
  limits,
  async (context) => {
    const { lookup, server, clock } = await synced(context);
    server.misbehave('get', ...Array(1000).fill(hang));
    const answers = Array.from({ length: 1000 }, (_, i) => lookup(`new-${i}`));
    for (let i = 999; i >= 0; i--) server.put('team', `new-${i}`, withRole);
    for (const answer of await Promise.all(answers)) assert.deepEqual(answer, live);
    assert.ok(server.count('get') <= 200);
    await until(() => clock.pending === 1);
  },
);

test('says why it is not ready, until the first state is whole, and then never again', limits, async (context) => {
  const { server, source, clock, log } = await setup(context, 1000);
  server.misbehave('watch', refuse(403, 'serviceaccounts is forbidden'));
  assert.equal(source.readiness(), 'service accounts: first list not complete');
  source.start();
  await until(() => log.lines.length > 0);
  assert.equal(
    source.readiness(),
    'service accounts: first list not complete, last error: watch: 403 serviceaccounts is forbidden',
  );
  await clock.advance(30_000);
  await until(() => source.readiness() === undefined);
  server.misbehave('watch', hang);
  source.clear();
  assert.equal(source.readiness(), undefined);
});

test('forgets all and lists anew when it is cleared', limits, async (context) => {
  const { lookup, server, source } = await synced(context);
  assert.equal(source.snapshot().size, 2);
  source.clear();
  assert.equal(source.snapshot().size, 0);
  assert.deepEqual(await lookup('app'), live);
  await until(() => source.snapshot().size === 2);
  assert.equal(server.watches.length, 2);
});

test('answers all that wait when it stops, and leaves no timer behind', limits, async (context) => {
  const { lookup, server, source, clock } = await synced(context);
  server.misbehave('get', hang);
  const answer = lookup('new');
  await until(() => server.count('get') === 1);
  source.stop();
  assert.equal((await answer).outcome, 'unavailable');
  await until(() => clock.pending === 0);
});

test('serves from its cache while the API server is away', limits, async (context) => {
  const { lookup, server, source, clock, log } = await synced(context);
  server.misbehave('watch', ...Array(5).fill(refuse(503)));
  server.watch.reset();
  await until(() => log.lines.length === 1);
  await clock.advance(500);
  await until(() => server.count('watch') === 2 && log.lines.length === 2);
  assert.deepEqual(lookup('app'), { outcome: 'cached', annotations: role });
  assert.equal(source.readiness(), undefined);
});
