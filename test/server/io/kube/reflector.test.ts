import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { access } from '../../../../contract/access.ts';
import { createReflector, type Reflector } from '../../../../server/io/kube/reflector.ts';
import {
  type Act,
  closeAtOnce,
  type FakeExchange,
  hang,
  openWatch,
  refuse,
  reset,
  statusObject,
  truncate,
} from '../../../support/fake-api-server.ts';
import { RecordingHandler } from './recording-handler.ts';
import { createRig, type Rig, until } from './rig.ts';

/** Only a test that hangs is ended by it. */
const limits = { timeout: 10_000 };

interface Follower extends Rig {
  readonly handler: RecordingHandler;
  readonly reflector: Reflector;
  /** Lets the wait that the loop is in pass, and returns its length in milliseconds. */
  pass(): Promise<number>;
  /** Resolves once the loop waits before it tries again. */
  paused(): Promise<void>;
}

async function follower(context: TestContext): Promise<Follower> {
  const rig = await createRig(context);
  rig.server.put('team', 'first');
  const handler = new RecordingHandler();
  const path = '/api/v1/serviceaccounts';
  const reflector = createReflector({ ...rig, path, access: access.serviceAccounts, handler });
  context.after(() => reflector.stop());
  let passed = 0;
  const waits = () => rig.log.lines.map(({ fields }) => Number(fields.waitMs)).filter((ms) => ms > 0);
  const paused = () => until(() => waits().length > passed);
  return {
    ...rig,
    handler,
    reflector,
    paused,
    async pass() {
      await paused();
      const waitMs = waits()[passed++] ?? 0;
      await rig.clock.advance(waitMs);
      return waitMs;
    },
  };
}

/** Starts and waits for the first state. */
async function synced(context: TestContext): Promise<Follower> {
  const rig = await follower(context);
  rig.reflector.start();
  await until(() => rig.handler.size === 1);
  return rig;
}

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

/** Each ends by itself, as an answer to a list too. A connection that is reset on reuse is tried again at once, hence twice. */
const survivable: readonly (readonly [string, Act, ...Act[]])[] = [
  ['a 500', refuse(500)],
  ['a 503', refuse(503)],
  ['a 408', refuse(408)],
  ['a 429', refuse(429)],
  ['an answer that is no Status', ({ response }) => response.writeHead(502).end('<html>Bad Gateway</html>')],
  ['resets', reset, reset],
  ['a truncated answer', truncate],
  ['a 500 in the stream', stream(JSON.stringify({ type: 'ERROR', object: statusObject(500, 'etcd is away') }), '\n')],
  ['a 429 in the stream', stream(JSON.stringify({ type: 'ERROR', object: statusObject(429, 'slow down') }), '\n')],
  ['a line that is cut', stream('{"type":"ADDED","obj')],
  ['a line that is no event', stream('{"type":"ADDED","object":7}', '\n')],
  ['a line that is no JSON', stream('{"type":', '\n')],
  ['a stream that breaks off within a line', breakOff],
];

function stream(...chunks: readonly string[]): Act {
  return (exchange) => {
    const watch = openWatch(exchange);
    watch.raw(...chunks);
    watch.end();
  };
}

function breakOff(exchange: FakeExchange): void {
  openWatch(exchange);
  exchange.response.write('{"type":"ADDED",', () => exchange.socket.destroy());
}

for (const [what, act, ...more] of survivable) {
  test(`watches again from where it was after ${what}`, limits, async (context) => {
    const { server, handler, pass } = await synced(context);
    server.misbehave('watch', act, ...more);
    server.watch.bookmark(500);
    server.watch.end();
    const waitMs = await pass();
    assert.ok(waitMs > 0 && waitMs <= 1000, `waited ${waitMs}`);
    await until(() => server.watches.length === 2);
    assert.equal(server.exchanges.at(-1)?.query.get('resourceVersion'), '500');
    server.put('team', 'second');
    server.watch.send('ADDED', { metadata: { name: 'third', namespace: 'team', resourceVersion: '501' } });
    await until(() => handler.names.includes('third'));
  });

  test(`gets its first state after ${what}`, limits, async (context) => {
    const { server, handler, reflector, pass } = await follower(context);
    server.misbehave('watch', act);
    server.misbehave('list', act);
    reflector.start();
    assert.equal(reflector.lastFault(), undefined);
    await pass();
    await pass();
    await until(() => handler.size === 1);
  });
}

test('backs off up to half a minute, and from the beginning after a word', limits, async (context) => {
  const { server, handler, reflector, pass } = await follower(context);
  server.misbehave('watch', ...Array<Act>(8).fill(reset));
  server.misbehave('list', ...Array<Act>(8).fill(reset));
  reflector.start();
  const waits: number[] = [];
  for (let i = 0; i < 16; i++) waits.push(await pass());
  assert.deepEqual(waits.slice(0, 7), [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  await until(() => handler.size === 1);
  server.misbehave('watch', refuse(500));
  server.watch.bookmark(900);
  server.watch.end();
  assert.equal(await pass(), 500);
});

test('waits as long as the server asks', limits, async (context) => {
  const { server, pass, handler, reflector } = await follower(context);
  server.misbehave('watch', refuse(429, 'slow down', { 'retry-after': '7' }));
  const body = { ...statusObject(429, 'slow down'), details: { retryAfterSeconds: 9 } };
  server.misbehave('list', ({ response }) => response.writeHead(503, { 'retry-after': '3' }).end(JSON.stringify(body)));
  reflector.start();
  assert.equal(await pass(), 7500);
  assert.equal(await pass(), 4000);
  await until(() => handler.size === 1);
});

test('reads the credentials again on a 401, without a pause', limits, async (context) => {
  const { server, handler, reflector } = await follower(context);
  server.misbehave('watch', refuse(401));
  reflector.start();
  await until(() => handler.size === 1);
  assert.equal(server.count('watch'), 2);
});

test('asks again slowly on a 403, and names the right that is missing', limits, async (context) => {
  const { server, handler, reflector, log, pass } = await follower(context);
  server.misbehave('watch', refuse(403, 'User "webhook" cannot watch'));
  reflector.start();
  const waitMs = await pass();
  assert.ok(waitMs >= 25_000 && waitMs <= 35_000, `waited ${waitMs}`);
  const line = log.lines.find(({ level }) => level === 'error');
  assert.match(line?.message ?? '', /"watch" of serviceaccounts.*ClusterRole.*get, list, watch/);
  assert.equal(line?.fields.reason, 'User "webhook" cannot watch');
  await until(() => handler.size === 1);
});

test('finds a server that never answers', limits, async (context) => {
  const { server, handler, reflector, clock, pass } = await follower(context);
  server.misbehave('watch', hang);
  reflector.start();
  await until(() => server.count('watch') === 1);
  await clock.advance(30_000);
  await pass();
  await until(() => handler.size === 1);
});

test('finds a deaf socket in two minutes', limits, async (context) => {
  const { server, clock, metrics, pass, handler } = await synced(context);
  server.watch.bookmark(300);
  await until(() => metrics.of('watched').some(([, what]) => what === 'bookmark'));
  await clock.advance(60_000);
  const before = server.count('watch');
  assert.equal(before, 1, 'a silence between bookmarks is none');
  await clock.advance(30_000);
  await pass();
  await until(() => server.watches.length === 2);
  server.put('team', 'second');
  await until(() => handler.names.includes('second'));
});

test('drops the resource version after three quick closes without a word', limits, async (context) => {
  const { server, handler, pass } = await synced(context);
  server.put('team', 'second', {}, true);
  server.misbehave('watch', closeAtOnce, closeAtOnce);
  server.watch.end();
  assert.equal(await pass(), 1000, 'the first is followed by no pause, the second by one');
  assert.equal(await pass(), 500);
  await until(() => handler.size === 2);
  assert.equal(server.watch.query.get('sendInitialEvents'), 'true');
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

test('stops at once while it waits to try again', limits, async (context) => {
  const { server, reflector, clock, paused } = await follower(context);
  server.misbehave('watch', reset);
  reflector.start();
  await paused();
  reflector.stop();
  assert.equal(clock.pending, 0);
  await clock.advance(60_000);
  assert.equal(server.exchanges.length, 1);
});

test('stops at once while the server does not answer', limits, async (context) => {
  const { server, reflector, clock, handler } = await follower(context);
  server.misbehave('watch', hang);
  reflector.start();
  await until(() => server.count('watch') === 1);
  reflector.stop();
  await until(() => clock.pending === 0);
  await clock.advance(60_000);
  assert.equal(server.exchanges.length, 1);
  assert.deepEqual(handler.calls, ['begin']);
});

test('takes in no event after it was stopped', limits, async (context) => {
  const { server, reflector, clock, handler } = await synced(context);
  server.put('team', 'second');
  reflector.stop();
  await until(() => clock.pending === 0 && !server.watch.isOpen);
  assert.deepEqual(handler.names, ['first']);
});

test('cannot be made to follow twice', limits, async (context) => {
  const { server, reflector, handler } = await synced(context);
  reflector.start();
  server.put('team', 'second');
  await until(() => handler.names.includes('second'));
  assert.equal(server.count('watch'), 1);
  reflector.restart();
  reflector.start();
  await until(() => server.watches.length === 2 && server.watches[0]?.isOpen === false);
  server.put('team', 'third');
  await until(() => handler.names.includes('third'));
  assert.equal(handler.calls.filter((call) => call === 'put third').length, 1);
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
