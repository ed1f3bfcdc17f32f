import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hang, refuse } from '../../../support/fake-api-server.ts';
import { until } from './rig.ts';
import { live, plain, role, setup, synced, withRole } from './source-rig.ts';

/** Only a test that hangs is ended by it. */
const limits = { timeout: 20_000 };

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

test('does not begin anew when it is cleared after it was stopped', limits, async (context) => {
  const { source, clock, server } = await synced(context);
  source.stop();
  source.clear();
  await until(() => clock.pending === 0);
  assert.equal(server.exchanges.length, 1);
});
