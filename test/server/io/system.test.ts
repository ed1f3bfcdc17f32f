import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { systemClock, systemRandom } from '../../../server/io/system.ts';

/** Keeps the event loop alive until `settled`: the clock's own timers do not. */
async function alive<T>(settled: Promise<T>): Promise<T> {
  const keeper = setInterval(() => {}, 60_000);
  try {
    return await settled;
  } finally {
    clearInterval(keeper);
  }
}

test('tells the time of day in milliseconds since 1970', () => {
  const before = Date.now();
  const now = systemClock.nowMs();
  assert.ok(now >= before && now <= Date.now());
});

test('wakes once the delay has passed on its own monotonic scale', async () => {
  const start = systemClock.monotonicMs();
  await alive(new Promise<void>((resolve) => systemClock.after(2, resolve)));
  assert.ok(systemClock.monotonicMs() > start);
});

test('does not wake what was called off', async () => {
  let isWoken = false;
  const callOff = systemClock.after(0, () => {
    isWoken = true;
  });
  callOff();
  await alive(new Promise<void>((resolve) => systemClock.after(1, resolve)));
  assert.equal(isWoken, false);
});

test('keeps a wait beyond the reach of timers waiting', async () => {
  let isWoken = false;
  const callOff = systemClock.after(2 ** 40, () => {
    isWoken = true;
  });
  await alive(new Promise<void>((resolve) => systemClock.after(2, resolve)));
  callOff();
  assert.equal(isWoken, false);
});

test('never keeps the process alive', async () => {
  const system = new URL('../../../server/io/system.ts', import.meta.url).href;
  const program = `import { systemClock } from ${JSON.stringify(system)}; systemClock.after(3_600_000, () => {});`;
  // resolves when the child ends by itself, rejects when it had to be ended
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 30_000 });
});

test('draws numbers from 0 up to 1', () => {
  const drawn = Array.from({ length: 1000 }, systemRandom);
  assert.ok(drawn.every((n) => n >= 0 && n < 1));
  assert.ok(new Set(drawn).size > 990);
});
