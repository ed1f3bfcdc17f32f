import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { IdentityFacts } from '../../../../server/core/types.ts';
import { createConfigMapSource } from '../../../../server/io/kube/config-map.ts';
import { hang, refuse } from '../../../support/fake-api-server.ts';
import { createRig, until } from './rig.ts';

/** Only a test that hangs is ended by it. */
const limits = { timeout: 20_000 };
const plain: IdentityFacts = { outcome: 'cached', annotations: {} };
const entry = (roleArn: string) => JSON.stringify({ 'team/app': { RoleARN: roleArn } });

async function setUp(context: TestContext, config?: string) {
  const rig = await createRig(context);
  const { server, clock, log } = rig;
  server.collection = 'namespaces/eks/configmaps';
  const source = createConfigMapSource({ ...rig, namespace: 'eks' });
  context.after(() => source.stop());
  const putData = (data: object) =>
    server.putWhole({ metadata: { namespace: 'eks', name: 'pod-identity-webhook' }, data });
  if (config !== undefined) putData({ config });
  const add = (name = 'app', namespace = 'team') => source.add(plain, { namespace, name }, clock.monotonicMs() + 3000);
  return {
    ...rig,
    source,
    add,
    putData,
    put: (text: string) => putData({ config: text }),
    remove: () => server.remove('eks', 'pod-identity-webhook'),
    sees: (roleArn: string | undefined) => until(() => (add() as IdentityFacts).configMap?.roleArn === roleArn),
    faults: () => log.lines.filter(({ level }) => level === 'warning').map(({ fields }) => fields.code),
  };
}

async function synced(context: TestContext, config?: string) {
  const all = await setUp(context, config);
  all.source.start();
  await until(() => all.source.readiness() === undefined);
  return all;
}

test('adds the entry of the ConfigMap to what is known of the account', limits, async (context) => {
  const { add, server, metrics } = await synced(context, entry('r'));
  assert.deepEqual(add(), { ...plain, configMap: { roleArn: 'r' } });
  assert.equal(add('other'), plain);
  assert.equal(server.exchanges[0]?.query.get('fieldSelector'), 'metadata.name=pod-identity-webhook');
  assert.deepEqual(metrics.of('cached').at(-1)?.slice(0, 2), ['configmaps', 1]);
});

test('is ready when there is no ConfigMap, and takes it in when it comes', limits, async (context) => {
  const { add, put, sees } = await synced(context);
  assert.equal(add(), plain);
  put(entry('r'));
  await sees('r');
});

test('reads the ConfigMap page by page where lists are not streamed', limits, async (context) => {
  const { server, source, add } = await setUp(context, entry('r'));
  server.isStreamingLists = false;
  server.misbehave('watch', refuse(400));
  source.start();
  await until(() => source.readiness() === undefined);
  assert.deepEqual(add(), { ...plain, configMap: { roleArn: 'r' } });
  assert.equal(server.exchanges[1]?.query.get('fieldSelector'), 'metadata.name=pod-identity-webhook');
});

test('follows edits, and forgets the identities of a ConfigMap that is deleted', limits, async (context) => {
  const { put, remove, sees } = await synced(context, entry('r1'));
  put(entry('r2'));
  await sees('r2');
  remove();
  await sees(undefined);
  put(entry('r3'));
  await sees('r3');
});

test('notices by the next list that the ConfigMap is gone', limits, async (context) => {
  const { server, clock, add, sees } = await synced(context, entry('r'));
  server.remove('eks', 'pod-identity-webhook', true);
  server.misbehave('watch', refuse(410));
  server.watch.end();
  await until(() => server.count('watch') === 2);
  await until(() => clock.pending > 0);
  assert.deepEqual(add(), { ...plain, configMap: { roleArn: 'r' } });
  await clock.advance(30_000);
  await sees(undefined);
});

for (const [what, data] of [
  ['is no JSON', { config: '{"team/app": {' }],
  ['is a JSON list', { config: '[]' }],
  ['is empty', { config: '' }],
  ['is under another key', { other: '{}' }],
] as const) {
  test(`keeps what the ConfigMap said last when its content ${what}, and reports it once`, limits, async (context) => {
    const { putData, add, put, sees, faults, metrics } = await synced(context, entry('r'));
    putData(data);
    await until(() => faults().length > 0);
    assert.deepEqual(add(), { ...plain, configMap: { roleArn: 'r' } });
    putData(data);
    put(entry('mended'));
    await sees('mended');
    assert.deepEqual(faults(), ['config-map-not-json']);
    assert.deepEqual(metrics.of('survived'), [['config-map-not-json']]);
  });
}

test(
  'a first ConfigMap that is no JSON is reported, and the webhook is ready all the same',
  limits,
  async (context) => {
    const { add, faults } = await synced(context, 'no');
    assert.equal(add(), plain);
    assert.deepEqual(faults(), ['config-map-not-json']);
  },
);

test(
  'reports each bad key, entry and field once for as long as it is there, and uses the rest',
  limits,
  async (context) => {
    const bad = { sa: {}, 'a/b': 5, 'a/c': { TokenExpiration: 'x' } };
    const config = (roleArn: string) => JSON.stringify({ ...bad, 'team/app': { RoleARN: roleArn } });
    const { put, sees, faults, metrics } = await synced(context, config('r1'));
    put(config('r2'));
    await sees('r2');
    assert.deepEqual(faults(), ['config-map-bad-key', 'config-map-bad-entry', 'config-map-bad-field']);
    assert.equal(metrics.of('survived').length, 3);
    put(entry('r3'));
    await sees('r3');
    put(config('r4'));
    await sees('r4');
    assert.equal(faults().length, 6);
  },
);

test('a lookup before the first state waits for it', limits, async (context) => {
  const { source, add } = await setUp(context, entry('r'));
  const answer = add();
  source.start();
  assert.deepEqual(await answer, { ...plain, configMap: { roleArn: 'r' } });
});

test(
  'a lookup before the first state ends by its deadline, and says that it knows too little',
  limits,
  async (context) => {
    const { source, add, server, clock } = await setUp(context, entry('r'));
    server.misbehave('watch', hang);
    source.start();
    const answer = add();
    await clock.advance(3000);
    assert.deepEqual(await answer, { outcome: 'timed-out', annotations: {} });
  },
);

test('answers all that wait when it stops, and leaves no timer behind', limits, async (context) => {
  const { source, add, server, clock } = await setUp(context);
  server.misbehave('watch', hang);
  source.start();
  const answer = add();
  await until(() => server.count('watch') === 1);
  source.stop();
  assert.equal((await answer).outcome, 'timed-out');
  await until(() => clock.pending === 0);
});

test('says why it is not ready, with the right that is missing', limits, async (context) => {
  const { source, server, log } = await setUp(context);
  assert.equal(source.readiness(), 'ConfigMap eks/pod-identity-webhook: not read yet');
  server.misbehave('watch', refuse(403, 'configmaps is forbidden'));
  source.start();
  await until(() => log.lines.length > 0);
  assert.equal(
    source.readiness(),
    'ConfigMap eks/pod-identity-webhook: not read yet, last error: watch: 403 configmaps is forbidden',
  );
  assert.match(
    log.messages[0] ?? '',
    /of configmaps "pod-identity-webhook": the Role of this webhook's service account must grant get, list, watch on configmaps/,
  );
});

test('reads anew when it is cleared, and stays ready', limits, async (context) => {
  const { source, add, server } = await synced(context, entry('r'));
  source.clear();
  assert.equal(source.readiness(), undefined);
  assert.deepEqual(await add(), { ...plain, configMap: { roleArn: 'r' } });
  assert.equal(server.count('watch'), 2);
});
