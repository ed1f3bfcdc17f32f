/** Fault suite: 50,000 accounts are listed anew under load. Every review is answered rightly; how long the event loop is blocked is printed. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { summarize } from '../../bench/statistics.ts';
import { findFreePort } from '../support/free-port.ts';
import { root, startProcess } from '../support/program.ts';
import type { EventLoopBlocks } from './event-loop-probe.ts';
import { type Server, startServer } from './server.ts';
import { duringSteadyLoad } from './steady-client.ts';

const [accounts, rounds, rate] = [50_000, 5, 500];
const goalMs = 50;
const bounded = { timeout: 120_000 };
/** V8 compiles what reviews need in the first seconds; a webhook runs for weeks. */
const warmUpMs = 4000;

for (const way of ['streamed', 'paged'] as const) {
  it(`answers every review rightly while ${accounts} accounts are listed anew, ${way}`, bounded, async (t) => {
    const api = await startApi(t, way);
    const [own, idle] = await Promise.all([prepareProbe(), prepareProbe()]);
    const server = await startServer(t, { apiUrl: api, ...own });
    startProcess(t, {
      command: process.execPath,
      args: [...idle.nodeArgs, '-e', 'setInterval(() => {}, 1000)'],
      env: idle.env,
    });
    await duringSteadyLoad({ port: server.port, rate }, () => delay(warmUpMs));
    const all: Round[] = [];
    for (let round = 1; round <= rounds; round++) {
      await Promise.all([own.ask(), idle.ask()]);
      const [steady] = await duringSteadyLoad({ port: server.port, rate }, () => relist(api, server, accounts - round));
      const [blocks, control] = await Promise.all([own.ask(), idle.ask()]);
      assert.deepEqual(steady.wrong, []);
      all.push({ ...blocks, controlMs: control.longestMs, p99Ms: steady.latencyMs.p99 });
    }
    assert.match(await server.metrics(), new RegExp(`event="relist"} ${rounds}$`, 'm'));
    print(t, way, all);
  });
}

/** One relist. */
interface Round extends EventLoopBlocks {
  /** The longest turn of a process that does nothing, in the same seconds: what the machine adds. */
  readonly controlMs: number;
  readonly p99Ms: number;
}

function print(t: TestContext, way: string, all: readonly Round[]): void {
  const of = (figure: keyof Round) => {
    const { median, min, max } = summarize(all.map((round) => round[figure]));
    return `${median.toFixed(1)} ms (${min.toFixed(1)}..${max.toFixed(1)})`;
  };
  const what = `figure: relist of ${accounts}, ${way}, ${rate} reviews/s, ${rounds} times`;
  t.diagnostic(`${what}: longest block of the event loop ${of('longestMs')}, goal below ${goalMs} ms`);
  t.diagnostic(`${what}: of an idle process beside it ${of('controlMs')}, so much is the machine's`);
  t.diagnostic(`${what}: longest block in CPU time of the main thread ${of('busiestMs')}`);
  t.diagnostic(`${what}: longest garbage collection ${of('collectionMs')}`);
  t.diagnostic(`${what}: p99 of the good client ${of('p99Ms')}`);
}

/** A probe for a process that is to be started. */
interface Probe {
  readonly nodeArgs: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Returns the longest blocks since it was asked last. */
  ask(): Promise<EventLoopBlocks>;
}

async function prepareProbe(): Promise<Probe> {
  const port = await findFreePort();
  return {
    nodeArgs: ['--import', join(import.meta.dirname, 'event-loop-probe.ts')],
    env: { EVENT_LOOP_PORT: String(port) },
    ask: async () => (await fetch(`http://127.0.0.1:${port}`)).json() as Promise<EventLoopBlocks>,
  };
}

/** Starts the bench's API server as a process, so that it takes no time of the good client's. */
async function startApi(t: TestContext, way: 'streamed' | 'paged'): Promise<string> {
  const port = await findFreePort();
  const args = [join(root, 'bench/main.ts'), 'fake-api', `--port=${port}`, `--accounts=${accounts}`];
  const { output } = startProcess(t, {
    command: process.execPath,
    args: way === 'paged' ? [...args, '--paged'] : args,
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  while (!(await answers())) {
    assert.equal(output.stderr, '');
    t.signal.throwIfAborted();
    await delay(20);
  }
  return url;
}

/** Resolves once the server has taken in the new state, which has so many accounts. */
async function relist(api: string, server: Server, left: number): Promise<void> {
  await fetch(`${api}/relist?accounts=${left}`);
  const taken = new RegExp(`^pod_identity_webhook_cache_objects.* ${left}$`, 'm');
  while (!taken.test(await server.metrics())) await delay(50);
}
