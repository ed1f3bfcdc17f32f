/** Bench: how long a server takes from its spawn until it is ready, and until it has answered a review as it must. */
import { setTimeout as delay } from 'node:timers/promises';
import { roleEvery } from '../accounts.ts';
import { runChild } from '../child.ts';
import { connect } from '../connection.ts';
import type { Options } from '../options.ts';
import { cpuSeconds } from '../process-figures.ts';
import { prepareRequest, stampUid } from '../requests.ts';
import { sample } from '../reviews.ts';
import { summarize } from '../statistics.ts';
import { decimal, spread, table } from '../table.ts';
import {
  type Api,
  type Bench,
  fewAccounts,
  launch,
  type Server,
  startApi,
  type Target,
  untilReady,
} from '../targets.ts';
import { wrongReply } from '../verify.ts';
import { targetsFor } from './memory.ts';

interface Start {
  readonly readyMs: number;
  /** The part of it in which the server, not others, had the core. */
  readonly readyCpuMs: number;
  readonly mutationMs: number;
  /** What a client takes that does nothing but read the stream of accounts, on the same core at about the same time. */
  readonly streamMs: number;
  readonly beyondStreamMs: number;
}

/** Returns the section's table. */
export async function measureStart(bench: Bench, options: Options): Promise<string> {
  const rows: string[][] = [];
  for (const accounts of [fewAccounts, options.accounts]) {
    await using api = await startApi(bench, accounts);
    for (const target of targetsFor(bench, accounts)) {
      const starts: Start[] = [];
      // the first makes the certificate, and fills the file cache: it does not count
      for (let round = 0; round <= options.rounds; round++) {
        const start = await once(bench, target, api);
        if (round > 0) starts.push(start);
        bench.log(
          `${accounts} accounts, ${target.name}, round ${round} of ${options.rounds}: ${JSON.stringify(start)}`,
        );
      }
      const columns = (['readyMs', 'readyCpuMs', 'mutationMs', 'streamMs', 'beyondStreamMs'] as const).map((name) =>
        spread(summarize(starts.map((start) => start[name]))),
      );
      rows.push([decimal(accounts), target.name, ...columns]);
    }
  }
  return table([
    [
      'accounts',
      'server',
      'spawn to ready, ms',
      'CPU time until ready, ms',
      'spawn to first right reply, ms',
      'stream only read, ms',
      'first right reply less that, ms',
    ],
    ...rows,
  ]);
}

async function once(bench: Bench, target: Target, api: Api): Promise<Start> {
  const streamMs = Number(await runChild(bench.serverCore, [...bench.self, 'read-stream', api.server]));
  const request = prepareRequest(sample('small', roleEvery));
  await using server = await launch(bench, target, api.flags);
  await untilReady(server);
  const readyMs = performance.now() - server.spawnedMs;
  const readyCpuMs = cpuSeconds(server.pid) * 1000;
  await untilRight(server, request);
  const mutationMs = performance.now() - server.spawnedMs;
  return { readyMs, readyCpuMs, mutationMs, streamMs, beyondStreamMs: mutationMs - streamMs };
}

/** A server that says it is ready before it is answers without a patch at first: it is asked until it is right. */
async function untilRight({ port, target }: Server, request: ReturnType<typeof prepareRequest>): Promise<void> {
  const connection = await connect(port);
  let problem: string | undefined = 'not asked';
  for (let attempt = 1; problem !== undefined; attempt++) {
    const uid = stampUid(request, attempt);
    const response = await connection.exchange(request.bytes);
    problem = wrongReply(response, { sample: request, uid, isPatching: target.isPatching });
    if (problem && attempt === 5000) throw new Error(`${target.name} goes on answering wrongly: ${problem}`);
    if (problem) await delay(5);
  }
  connection.close();
}
