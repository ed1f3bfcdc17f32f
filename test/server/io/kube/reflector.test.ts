import assert from 'node:assert/strict';
import { test } from 'node:test';
import { access } from '../../../../contract/access.ts';
import { createReflector } from '../../../../server/io/kube/reflector.ts';
import { type Act, refuse, statusObject } from '../../../support/fake-api-server.ts';
import { follower, synced } from './follower.ts';
import { RecordingHandler } from './recording-handler.ts';
import { createRig, until } from './rig.ts';

/** Only a test that hangs is ended by it. */
const limits = { timeout: 10_000 };

test('streams the first state and goes on watching on the same connection', limits, async (context) => {
  const { server, handler, metrics, clock } = await synced(context);
  assert.deepEqual(handler.calls, ['begin', 'put first', 'commit']);
  assert.equal(server.watch.query.get('sendInitialEvents'), 'true');
  assert.equal(server.watch.query.get('resourceVersionMatch'), 'NotOlderThan');
  assert.equal(server.watch.query.get('allowWatchBookmarks'), 'true');
  server.put('team', 'second');
  server.remove('team', 'first');
  await until(() => handler.calls.includes('delete first'));
  assert.deepEqual(handler.names, ['second']);
  assert.equal(server.exchanges.length, 1);
  assert.deepEqual(metrics.of('cached').at(-1), ['serviceaccounts', 1, clock.nowMs()]);
  assert.deepEqual(
    metrics.of('watched').map(([, what]) => what),
    ['watch', 'list', 'event', 'event'],
  );
});

test('asks for watches of 5 to 10 minutes', limits, async (context) => {
  for (const [draw, seconds] of [
    [0, '300'],
    [0.999999, '600'],
  ] as const) {
    const rig = await createRig(context);
    const handler = new RecordingHandler();
    const reflector = createReflector({
      ...rig,
      random: () => draw,
      path: '/api/v1/serviceaccounts',
      access: access.serviceAccounts,
      handler,
    });
    context.after(() => reflector.stop());
    reflector.start();
    await until(() => handler.calls.includes('commit'));
    assert.equal(rig.server.watch.query.get('timeoutSeconds'), seconds);
  }
});

for (const status of [400, 422]) {
  test(
    `lists in pages and watches from there when the server refuses to stream with ${status}`,
    limits,
    async (context) => {
      const { server, handler, reflector, log } = await follower(context);
      for (let i = 0; i < 4; i++) server.put('team', `more-${i}`);
      server.pageLimit = 2;
      server.misbehave('watch', refuse(status, 'sendInitialEvents is forbidden'));
      reflector.start();
      await until(() => server.watches.length === 1);
      assert.equal(handler.size, 5);
      assert.equal(server.count('list'), 3);
      assert.equal(server.exchanges[1]?.query.get('limit'), '500');
      assert.equal(server.watch.query.get('resourceVersion'), String(server.revision));
      assert.equal(server.watch.query.has('sendInitialEvents'), false);
      assert.ok(log.messages.some((line) => line.includes('does not stream lists')));
      server.put('team', 'late');
      await until(() => handler.names.includes('late'));
    },
  );
}

test('lists in pages when the server takes the stream for a plain watch', limits, async (context) => {
  const { server, handler, reflector, clock, pass } = await follower(context);
  server.isStreamingLists = false;
  reflector.start();
  await until(() => handler.calls.includes('put first'));
  server.watch.bookmark(server.revision);
  await until(() => clock.pending === 1);
  assert.equal(handler.size, 0, 'an unmarked bookmark does not end the first state');
  await clock.advance(15_000);
  await pass();
  await until(() => handler.size === 1);
  assert.equal(server.count('list'), 1);
});

test('starts over when a page has expired', limits, async (context) => {
  const { server, handler, reflector, pass } = await follower(context);
  server.put('team', 'second');
  server.pageLimit = 1;
  server.misbehave('watch', refuse(422));
  const expireSecond: Act = ({ response }) => {
    const body = { metadata: { resourceVersion: '1', continue: 'old' }, items: [{ metadata: { name: 'gone' } }] };
    response.end(JSON.stringify(body));
  };
  server.misbehave('list', expireSecond, refuse(410, 'The provided continue parameter is too old'));
  reflector.start();
  assert.ok((await pass()) <= 1000);
  await until(() => handler.size === 2);
  assert.deepEqual(handler.names, ['first', 'second']);
});

test('resumes at once from the last bookmark or event after a clean close', limits, async (context) => {
  const { server, handler } = await synced(context);
  server.watch.bookmark(777);
  server.watch.end();
  await until(() => server.watches.length === 2);
  assert.equal(server.watch.query.get('resourceVersion'), '777');
  server.watch.send('ADDED', { metadata: { name: 'second', namespace: 'team', resourceVersion: '800' } });
  server.watch.end();
  await until(() => server.watches.length === 3);
  assert.equal(server.watch.query.get('resourceVersion'), '800');
  assert.deepEqual(handler.names, ['first', 'second']);
});

test('keeps the old state until the new one is whole, then forgets what has vanished', limits, async (context) => {
  const { server, handler, pass } = await synced(context);
  server.remove('team', 'first', true);
  server.put('team', 'second', {}, true);
  server.isStreamingLists = false;
  server.watch.send('ERROR', statusObject(410, 'too old resource version'));
  const waitMs = await pass();
  assert.ok(waitMs > 0 && waitMs <= 1000, 'relists with jitter');
  await until(() => handler.calls.includes('put second'));
  assert.deepEqual(handler.names, ['first']);
  server.watch.bookmark(server.revision, true);
  await until(() => handler.names.includes('second'));
  assert.deepEqual(handler.names, ['second']);
});

test('lists anew on a 410 in the HTTP answer', limits, async (context) => {
  const { server, handler, metrics, pass } = await synced(context);
  server.put('team', 'second', {}, true);
  server.misbehave('watch', refuse(410, 'too old resource version'));
  server.watch.bookmark(1);
  server.watch.end();
  await pass();
  await until(() => handler.size === 2);
  assert.equal(server.watch.query.get('sendInitialEvents'), 'true');
  assert.ok(metrics.of('watched').some(([, what]) => what === 'relist'));
});

test('goes on after an exception of the handler, and counts it', limits, async (context) => {
  const { server, handler, metrics, log } = await synced(context);
  handler.beforePut = (name) => {
    if (name === 'bad') throw new Error('cannot take bad');
  };
  server.put('team', 'bad');
  server.put('team', 'good');
  await until(() => handler.names.includes('good'));
  assert.deepEqual(metrics.of('survived'), [['watch-handler-failed']]);
  assert.equal(log.lines.at(-1)?.fields.error, 'cannot take bad');
});

test('takes repeated and reordered events for what they say', limits, async (context) => {
  const { server, handler } = await synced(context);
  const object = (name: string) => ({ metadata: { name, namespace: 'team', resourceVersion: '900' } });
  server.watch.send('DELETED', object('unknown'));
  server.watch.send('MODIFIED', object('second'));
  server.watch.send('ADDED', object('second'));
  server.watch.send('ADDED', object('second'));
  server.watch.send('DELETED', object('first'));
  server.watch.send('DELETED', object('first'));
  server.watch.send('ADDED', object('last'));
  await until(() => handler.names.includes('last'));
  assert.deepEqual(handler.names, ['second', 'last']);
});

test('puts events together that come one byte at a time', limits, async (context) => {
  const { server, handler } = await synced(context);
  const event = {
    type: 'ADDED',
    object: { metadata: { name: 'schlüssel-🔑', namespace: 'team', resourceVersion: '9' } },
  };
  const bytes = Buffer.from(`${JSON.stringify(event)}\n`);
  server.watch.socket.setNoDelay(true);
  server.watch.raw(...Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)));
  await until(() => handler.names.includes('schlüssel-🔑'));
});

test('uses one connection for everything that comes after another', limits, async (context) => {
  const { server, handler, reflector } = await follower(context);
  server.misbehave('watch', refuse(422));
  server.put('team', 'second');
  server.pageLimit = 1;
  reflector.start();
  await until(() => handler.size === 2 && server.watches.length === 1);
  assert.equal(server.exchanges.length, 4);
  assert.equal(server.connections, 1);
});
