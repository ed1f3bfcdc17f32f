import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Sink } from '../../../../server/io/log/sink.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { temporaryFolder } from './opened-log.ts';

function openSink(t: TestContext, fd: number) {
  t.after(() => closeSync(fd));
  const clock = new FakeClock();
  const events: string[] = [];
  const rooms: number[] = [];
  const target = { fd, makeRoom: (bytes: number) => void rooms.push(bytes) };
  const sink = new Sink(target, {
    clock,
    dropped: () => events.push('dropped'),
    failed: (error) => events.push(`failed: ${error.code}`),
  });
  return { sink, clock, events, rooms };
}

/** Lets the event loop turn until the condition holds; the runner's own limit ends a test in which it never does. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

function openPipe(t: TestContext) {
  const path = join(temporaryFolder(t), 'pipe');
  execFileSync('mkfifo', [path]);
  // opened for both, so that neither side waits for the other
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  t.after(() => closeSync(reader));
  return { reader, writer };
}

test('writes lines together once the first has waited its time', async (t) => {
  const path = join(temporaryFolder(t), 'log');
  const { sink, clock, rooms } = openSink(t, openSync(path, 'w'));
  sink.write('one\n');
  sink.write('two\n');
  await clock.advance(99);
  assert.equal(readFileSync(path, 'utf8'), '');
  await clock.advance(1);
  await until(() => readFileSync(path, 'utf8') === 'one\ntwo\n');
  assert.deepEqual(rooms, [8]);
  assert.equal(clock.pending, 0);
});

test('writes at once what fills a batch', async (t) => {
  const path = join(temporaryFolder(t), 'log');
  const { sink } = openSink(t, openSync(path, 'w'));
  sink.write('first\n');
  sink.write('x'.repeat(64 * 1024));
  await until(() => readFileSync(path, 'utf8').length === 64 * 1024 + 6);
});

test('writes all that waits before flushSync returns, and keeps no timer', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const { sink, clock } = openSink(t, openSync(path, 'w'));
  sink.write('last words\n');
  sink.flushSync();
  assert.equal(readFileSync(path, 'utf8'), 'last words\n');
  assert.equal(clock.pending, 0);
});

test('survives a full disk: reports, tries again a second later, and flushSync returns', async (t) => {
  const { sink, clock, events } = openSink(t, openSync('/dev/full', 'w'));
  sink.write('line\n');
  await clock.advance(100);
  await until(() => events.length === 1);
  await clock.advance(1000);
  await until(() => events.length === 2);
  sink.flushSync();
  assert.deepEqual(events, ['failed: ENOSPC', 'failed: ENOSPC', 'failed: ENOSPC']);
});

test('drops lines, and says so, once too many wait', (t) => {
  const { sink, events } = openSink(t, openSync('/dev/full', 'w'));
  for (let i = 0; i < 20; i++) sink.write('x'.repeat(100_000));
  assert.equal(new Set(events).size, 1);
  assert.equal(events[0], 'dropped');
});

test('waits for a reader that is slow, without failing or losing a byte', async (t) => {
  const { reader, writer } = openPipe(t);
  const { sink, clock, events } = openSink(t, writer);
  const lines = Array.from({ length: 5000 }, (_, i) => `${String(i).padStart(39, '0')}\n`);
  for (const line of lines) sink.write(line);
  const buffer = Buffer.alloc(8192);
  let seen = '';
  while (seen.length < 200_000) {
    await clock.advance(100);
    try {
      seen += buffer.toString('utf8', 0, readSync(reader, buffer));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    }
  }
  assert.equal(seen, lines.join(''));
  assert.deepEqual(events, []);
});

test('gives up on a reader that reads nothing while the process ends', (t) => {
  const { writer } = openPipe(t);
  const { sink, events } = openSink(t, writer);
  sink.write('x'.repeat(500_000));
  sink.flushSync();
  assert.deepEqual(events, ['failed: EAGAIN']);
});
