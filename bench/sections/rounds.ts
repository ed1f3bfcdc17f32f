/** Bench: loads on all servers in turn, so that what disturbs the machine disturbs them alike. Formats nothing. */
import { runChild } from '../child.ts';
import type { LoadJob, LoadResult } from '../load.ts';
import type { Options } from '../options.ts';
import type { Load } from '../reviews.ts';
import { type Bench, fewAccounts, launchReady, type Server, startApi } from '../targets.ts';

/** What each server did in each round, in the order of the servers. */
export type Rounds = readonly { readonly server: Server; readonly results: readonly LoadResult[] }[];

/** Hands all servers, up and with few accounts, to `use`, and ends them. */
export async function withServers<T>(bench: Bench, use: (servers: readonly Server[]) => Promise<T>): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const api = stack.use(await startApi(bench, fewAccounts));
  const servers: Server[] = [];
  for (const target of bench.targets) servers.push(stack.use(await launchReady(bench, target, api.flags)));
  return await use(servers);
}

/** How the load is put on. */
export interface RoundOptions {
  readonly load: Load;
  /** Requests a second; undefined: as many as are answered. */
  readonly rate?: number;
  readonly options: Options;
}

/** V8 compiles for some seconds after the first request of a kind; a webhook runs for weeks. */
const firstWarmUpSeconds = 8;
const warmUpSeconds = 0.25;
/** What disturbs a machine lasts for seconds: servers that take turns faster than that are disturbed alike. */
const turnSeconds = 0.75;

/** Puts the load on the servers in turns, `rounds` times after one that does not count. */
export async function runRounds(bench: Bench, servers: readonly Server[], of: RoundOptions): Promise<Rounds> {
  const { load, rate, options } = of;
  // a rate is measured in one piece: its quantiles cannot be put together
  const turns = rate === undefined ? Math.max(1, Math.round(options.seconds / turnSeconds)) : 1;
  const all = servers.map((server) => ({ server, results: [] as LoadResult[] }));
  await takeTurns(bench, servers, { of, turns: 1, isFirst: true });
  for (let round = 1; round <= options.rounds; round++) {
    const results = await takeTurns(bench, servers, { of, turns, isFirst: false });
    for (const [i, result] of results.entries()) {
      all[i]?.results.push(result);
      bench.log(`${load}, ${servers[i]?.target.name}, round ${round} of ${options.rounds}: ${describe(result)}`);
    }
  }
  return all;
}

interface Turns {
  readonly of: RoundOptions;
  readonly turns: number;
  readonly isFirst: boolean;
}

/** Returns what each server did in all its turns together. */
async function takeTurns(
  bench: Bench,
  servers: readonly Server[],
  { of, turns, isFirst }: Turns,
): Promise<readonly LoadResult[]> {
  const pieces = servers.map(() => [] as LoadResult[]);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, server] of servers.entries()) {
      pieces[i]?.push(await generate(bench, jobFor(server, of, { seconds: of.options.seconds / turns, isFirst })));
      server.forgetOutput();
    }
  }
  return pieces.map(sum);
}

function jobFor(
  { port, pid, target }: Server,
  { load, rate, options }: RoundOptions,
  { seconds, isFirst }: { readonly seconds: number; readonly isFirst: boolean },
): LoadJob {
  const { connections } = options;
  const { isPatching } = target;
  const warmUp = isFirst ? firstWarmUpSeconds : warmUpSeconds;
  const job = { port, pid, load, connections, seconds, warmUpSeconds: warmUp, isPatching };
  return rate === undefined ? job : { ...job, rate };
}

function sum(pieces: readonly LoadResult[]): LoadResult {
  const total = (figure: (piece: LoadResult) => number) => pieces.reduce((all, piece) => all + figure(piece), 0);
  return {
    ...pieces[0],
    requests: total((piece) => piece.requests),
    wallSeconds: total((piece) => piece.wallSeconds),
    serverCpuSeconds: total((piece) => piece.serverCpuSeconds),
    serverWaitSeconds: total((piece) => piece.serverWaitSeconds),
    generatorCpuSeconds: total((piece) => piece.generatorCpuSeconds),
  };
}

async function generate({ clientCore, self }: Bench, job: LoadJob): Promise<LoadResult> {
  return JSON.parse(await runChild(clientCore, [...self, 'generate', JSON.stringify(job)]));
}

function describe({ requests, wallSeconds, serverCpuSeconds, serverWaitSeconds, latencyMs }: LoadResult): string {
  const percent = (seconds: number) => `${Math.round((100 * seconds) / wallSeconds)} %`;
  const p99 = latencyMs ? `, p99 ${latencyMs.p99.toFixed(2)} ms` : '';
  const core = `server ${percent(serverCpuSeconds)} on its core, ${percent(serverWaitSeconds)} kept off it by others`;
  return `${Math.round(requests / wallSeconds)} requests/s, ${core}${p99}`;
}
