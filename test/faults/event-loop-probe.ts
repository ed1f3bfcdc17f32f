/** Fault suites, preloaded by --import into a process: says how long its event loop was blocked at most. Changes nothing else. */
import http from 'node:http';
import { PerformanceObserver } from 'node:perf_hooks';

/** The longest times since the probe was asked last, in milliseconds. */
export interface EventLoopBlocks {
  /** Of one turn of the event loop, by the clock. */
  readonly longestMs: number;
  /** Of the longest turn, what the main thread computed; the rest is other processes' time, or waiting for a helper thread. */
  readonly ownMs: number;
  /** What the main thread computed at most in one turn, which need not be the longest one. */
  readonly busiestMs: number;
  /** Of one garbage collection. */
  readonly collectionMs: number;
}

/** A timer as often as Node allows: what comes between two calls of it, beyond this, is a turn that took longer. */
const everyMs = 1;

let blocks: { -readonly [K in keyof EventLoopBlocks]: number };
let [lastMs, lastCpuMs] = [0, 0];

function begin(): void {
  blocks = { longestMs: 0, ownMs: 0, busiestMs: 0, collectionMs: 0 };
  [lastMs, lastCpuMs] = [performance.now(), cpuMs()];
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function turn(): void {
  const [nowMs, nowCpuMs] = [performance.now(), cpuMs()];
  const [turnMs, ownMs] = [nowMs - lastMs - everyMs, nowCpuMs - lastCpuMs];
  [lastMs, lastCpuMs] = [nowMs, nowCpuMs];
  if (turnMs > blocks.longestMs) Object.assign(blocks, { longestMs: turnMs, ownMs });
  blocks.busiestMs = Math.max(blocks.busiestMs, ownMs);
}

begin();
setInterval(turn, everyMs).unref();
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) blocks.collectionMs = Math.max(blocks.collectionMs, duration);
}).observe({ entryTypes: ['gc'] });

/** Answers with the blocks and begins anew. */
http
  .createServer((_request, response) => {
    response.end(JSON.stringify(blocks));
    begin();
  })
  .listen(Number(process.env.EVENT_LOOP_PORT), '127.0.0.1')
  .unref();
