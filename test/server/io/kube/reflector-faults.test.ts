import assert from 'node:assert/strict';
import { test } from 'node:test';
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
import { follower, synced } from './follower.ts';
import { until } from './rig.ts';

/** Only a test that hangs is ended by it. */
const limits = { timeout: 10_000 };

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

test('asks again slowly on a lasting 403, and names the right that is missing', limits, async (context) => {
  const { server, handler, reflector, log, pass } = await follower(context);
  const forbidden = refuse(403, 'User "webhook" cannot watch');
  // the first ones may be an API server that has not read its roles yet; stream and pages take turns
  for (const verb of ['watch', 'list', 'watch', 'list'] as const) server.misbehave(verb, forbidden);
  reflector.start();
  for (let early = 0; early < 3; early++) assert.ok((await pass()) < 10_000);
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
