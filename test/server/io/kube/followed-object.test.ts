import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { access } from '../../../../contract/access.ts';
import { followObject } from '../../../../server/io/kube/followed-object.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { FakeObjects, refusal } from '../../../support/fake-objects.ts';
import { RecordingLog } from '../../../support/recording-log.ts';
import { RecordingMetrics } from '../../../support/recording-metrics.ts';

const path = '/api/v1/namespaces/eks/secrets';

function setUp(t: TestContext) {
  const api = new FakeObjects();
  const [clock, log, metrics] = [new FakeClock(), new RecordingLog(), new RecordingMetrics()];
  const state = { changes: 0 };
  const ports = { client: api.client(), clock, log, metrics, random: () => 0.5 };
  const onChange = () => state.changes++;
  const object = followObject({ ...ports, path, name: 'mine', access: access.secret, onChange });
  t.after(() => object.stop());
  return { api, clock, log, object, state };
}

test('knows nothing, then what there is, then each change, of that object alone', async (t) => {
  const { api, object, state } = setUp(t);
  api.put(`${path}/mine`, { data: { a: '1' } });
  assert.equal(object.current(), undefined);
  object.start();
  await setImmediate();
  assert.deepEqual([object.current()?.data, state.changes], [{ a: '1' }, 1]);
  api.put(`${path}/other`, {});
  assert.equal(state.changes, 1);
  api.put(`${path}/mine`, { data: { a: '2' } });
  assert.deepEqual([object.current()?.data, state.changes], [{ a: '2' }, 2]);
  api.remove(`${path}/mine`);
  assert.deepEqual([object.current(), state.changes], [null, 3]);
});

test('says that there is none', async (t) => {
  const { object, state } = setUp(t);
  object.start();
  await setImmediate();
  assert.deepEqual([object.current(), state.changes], [null, 1]);
});

test('takes the answer to a change at once, unless the watch has told of a later one', async (t) => {
  const { api, object, state } = setUp(t);
  const first = api.put(`${path}/mine`, {});
  object.start();
  await setImmediate();
  const later = api.put(`${path}/mine`, { data: { a: 'later' } });
  object.note(first);
  assert.deepEqual(object.current(), later);
  const answered = { ...later, metadata: { ...later.metadata, resourceVersion: '999' } };
  object.note(answered);
  assert.deepEqual([object.current(), state.changes], [answered, 3]);
});

test('keeps what it knows while the API server is away, says why, and follows again', async (t) => {
  const { api, clock, object } = setUp(t);
  const first = api.put(`${path}/mine`, {});
  object.start();
  await setImmediate();
  api.goDown();
  await setImmediate();
  assert.deepEqual(object.current(), first);
  assert.equal(object.lastFault(), 'watch: connect ECONNREFUSED');
  api.refuse = () => undefined;
  api.remove(`${path}/mine`);
  await clock.advance(60_000);
  api.put(`${path}/mine`, { data: { a: 'new' } });
  assert.deepEqual(object.current()?.data, { a: 'new' });
});

test('names verb, object and role when it may not be followed', async (t) => {
  const { api, clock, log, object } = setUp(t);
  api.refuse = () => refusal(403);
  object.start();
  await clock.advance(0);
  assert.match(
    log.messages[0] ?? '',
    /^The API server forbids "watch" of secrets "mine": the Role of this webhook's service account must grant get, list, watch, update on secrets of API group "", as the one does that the constructs render with these flags/,
  );
});
