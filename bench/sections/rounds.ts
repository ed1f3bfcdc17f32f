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

/** Puts the load on the servers in turn, `rounds` times after one that does not count. */
export async function runRounds(
  bench: Bench,
  servers: readonly Server[],
  { load, rate, options }: { readonly load: Load; readonly rate?: number; readonly options: Options },
): Promise<Rounds> {
  const all = servers.map((server) => ({ server, results: [] as LoadResult[] }));
  for (let round = 0; round <= options.rounds; round++) {
    for (const { server, results } of all) {
      const { connections, seconds } = options;
      const { port, pid, target } = server;
      const job = { port, pid, load, connections, seconds, warmUpSeconds: 0.5, isPatching: target.isPatching };
      const result = await generate(bench, rate === undefined ? job : { ...job, rate });
      server.forgetOutput();
      if (round > 0) results.push(result);
      bench.log(`${load}, ${target.name}, round ${round} of ${options.rounds}: ${describe(result)}`);
    }
  }
  return all;
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
