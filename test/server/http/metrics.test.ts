import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context } from 'koa';
import { metricsPage } from '../../../server/http/metrics.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A page that says how often pages were made, of which some fail, and who asks for it. */
function scene(failing: readonly number[] = []) {
  const clock = new FakeClock();
  let renders = 0;
  const render = async () => {
    renders++;
    if (failing.includes(renders)) throw new Error('a collector failed');
    return `page ${renders}`;
  };
  const handler = metricsPage({ contentType: 'text/plain', render }, clock);
  const ask = async () => {
    const pages: string[] = [];
    const res = { writeHead: () => {}, end: (text: string) => pages.push(text) };
    await handler({ res } as unknown as Context);
    return pages.join();
  };
  return { clock, ask };
}

test('all who ask for the metrics in one turn of the event loop get the same page, and a later one a new page', async () => {
  const { clock, ask } = scene();
  assert.deepEqual(await Promise.all([ask(), ask(), ask()]), ['page 1', 'page 1', 'page 1']);
  await clock.advance(100);
  assert.equal(await ask(), 'page 2');
});

test('who asks just after a page was made waits, and gets what is counted by then', async () => {
  const { clock, ask } = scene();
  await ask();
  await clock.advance(60);
  const pages: string[] = [];
  for (let asked = 0; asked < 2; asked++) void ask().then((page) => pages.push(page));
  await clock.advance(39);
  await nextTurn();
  assert.deepEqual(pages, []);
  await clock.advance(1);
  await nextTurn();
  assert.deepEqual(pages, ['page 2', 'page 2']);
});

test('a page that fails is made anew for the next who asks', async () => {
  const { clock, ask } = scene([1]);
  await assert.rejects(ask, /a collector failed/);
  await clock.advance(100);
  assert.equal(await ask(), 'page 2');
});
