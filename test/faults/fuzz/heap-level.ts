/** Fuzz: loaded into the webhook before its program. On a signal collects all garbage and says what memory is left. Changes nothing. */
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const { gc } = globalThis;
let count = 0;

process.on('SIGUSR2', async () => {
  // what a first collection finalizes, a second one frees
  for (let i = 0; i < 3; i++) {
    gc?.();
    await delay(50);
  }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  writeSync(
    process.stderr.fd,
    `\nheap level ${++count} ${JSON.stringify({ heapUsed, external, arrayBuffers, rss })}\n`,
  );
});
