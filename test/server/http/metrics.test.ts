import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context } from 'koa';
import { metricsPage } from '../../../server/http/metrics.ts';

/** A page that says how often pages were made, and who asks for it. */
function scene() {
  let renders = 0;
  const render = async () => `page ${++renders}`;
  const handler = metricsPage({ contentType: 'text/plain', render });
  const ask = async () => {
    const pages: string[] = [];
    const res = { writeHead: () => {}, end: (text: string) => pages.push(text) };
    await handler({ res } as unknown as Context);
    return pages.join();
  };
  return { ask };
}

test('all who ask for the metrics in one turn of the event loop get the same page, and the next a new one', async () => {
  const { ask } = scene();
  assert.deepEqual(await Promise.all([ask(), ask(), ask()]), ['page 1', 'page 1', 'page 1']);
  await nextTurn();
  assert.equal(await ask(), 'page 2');
});

test('a page that fails is made anew in the next turn', async () => {
  let attempts = 0;
  const render = async () => {
    if (++attempts === 1) throw new Error('a collector failed');
    return 'page';
  };
  const handler = metricsPage({ contentType: 'text/plain', render });
  const ctx = { res: { writeHead: () => {}, end: () => {} } } as unknown as Context;
  await assert.rejects(async () => handler(ctx), /a collector failed/);
  await nextTurn();
  await handler(ctx);
  assert.equal(attempts, 2);
});
