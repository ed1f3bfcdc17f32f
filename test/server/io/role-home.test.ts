import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { IdentityFacts } from '../../../server/core/types.ts';
import { type RoleHomeOptions, RoleHomeSource } from '../../../server/io/role-home.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { RecordingMetrics } from '../../support/recording-metrics.ts';

const withRole = (role: string): IdentityFacts => ({ outcome: 'cached', annotations: { 'p/role-arn': role } });
const part = withRole('app');
const ref = { namespace: 'team', name: 'app' };
const found = { accountId: '111122223333', partition: 'aws-cn' };

type Answer = Awaited<ReturnType<RoleHomeOptions['readInstance']>>;

function setUp(t: TestContext, answers: readonly (Answer | Promise<Answer>)[], accountId = '') {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const metrics = new RecordingMetrics();
  let asked = 0;
  const source = new RoleHomeSource({
    ...{ clock, log, metrics },
    home: { partition: 'aws', accountId, path: '/teams/' },
    roleAnnotation: 'p/role-arn',
    readInstance: async () => (await answers[asked++]) ?? found,
    random: () => 0.5,
  });
  t.after(() => source.stop());
  return { source, clock, log, metrics, add: (facts = part) => source.add(facts, ref, 3000), asked: () => asked };
}

test('adds where roles are to accounts that give only a path and a name', async (t) => {
  const { source, add } = setUp(t, [found]);
  source.start();
  await setImmediate();
  assert.equal(source.readiness(), undefined);
  const roleArnPrefix = 'arn:aws-cn:iam::111122223333:role/teams/';
  assert.deepEqual(add(), { ...part, roleArnPrefix });
  const fromConfigMap: IdentityFacts = { outcome: 'missing', annotations: {}, configMap: { roleArn: 'app' } };
  assert.deepEqual(add(fromConfigMap), { ...fromConfigMap, roleArnPrefix });
});

test('leaves accounts with a whole ARN, or without a role, as they are, and lets them not wait', (t) => {
  const { add } = setUp(t, []);
  for (const facts of [withRole('arn:aws:iam::444455556666:role/x'), { outcome: 'cached', annotations: {} } as const]) {
    assert.equal(add(facts), facts);
  }
});

test('needs no metadata when the account id is given by flag', (t) => {
  const { source, add, asked } = setUp(t, [], '444455556666');
  source.start();
  assert.equal(asked(), 0);
  assert.equal(source.readiness(), undefined);
  assert.deepEqual(add(), { ...part, roleArnPrefix: 'arn:aws:iam::444455556666:role/teams/' });
});

test('asks again until there is an answer, reports the same reason once, and is not ready meanwhile', async (t) => {
  const failure = 'http://x: status 403';
  const { source, clock, metrics, asked, add } = setUp(t, [{ failure }, { failure }, found]);
  assert.equal(source.readiness(), 'instance metadata: the AWS account is not known yet');
  source.start();
  await clock.advance(0);
  const reason =
    'instance metadata: http://x: status 403; let pods reach it (hop limit 2, version 2), or give --role-arn-account-id';
  assert.equal(source.readiness(), reason);
  await clock.advance(500);
  assert.equal(asked(), 2);
  assert.deepEqual(metrics.of('survived'), [['instance-metadata-unavailable']]);
  await clock.advance(1000);
  assert.equal(source.readiness(), undefined);
  assert.ok(!(add() instanceof Promise));
  assert.equal(clock.pending, 0);
});

test('a lookup waits for the first answer, by its deadline', async (t) => {
  const slow = Promise.withResolvers<Answer>();
  const { source, clock, add } = setUp(t, [slow.promise]);
  source.start();
  const late = add();
  await clock.advance(3000);
  assert.deepEqual(await late, { ...part, outcome: 'unavailable' });
  const intime = source.add(part, ref, 6000);
  slow.resolve(found);
  assert.equal((await intime).roleArnPrefix, 'arn:aws-cn:iam::111122223333:role/teams/');
});

test('answers all that wait when it stops, and asks no more', async (t) => {
  const { source, clock, add } = setUp(t, [{ failure: 'x' }]);
  source.start();
  await clock.advance(0);
  const answer = add();
  source.stop();
  assert.equal((await answer).outcome, 'unavailable');
  assert.equal(clock.pending, 0);
});
