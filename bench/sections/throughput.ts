/** Bench: how many reviews a core answers, over TLS connections that are kept alive. */
import type { LoadResult } from '../load.ts';
import type { Options } from '../options.ts';
import { residentMemory } from '../process-figures.ts';
import { type Load, shapes } from '../reviews.ts';
import { ratios, summarize } from '../statistics.ts';
import { decimal, spread, table } from '../table.ts';
import type { Bench } from '../targets.ts';
import { type Rounds, runRounds, withServers } from './rounds.ts';

const head = [
  'reviews',
  'server',
  'requests/s a core',
  'ratio to webhook',
  'requests/s by the clock',
  'server on its core',
  'server kept off it',
  'generator on its core',
];

/** How the tables name a load. */
export const loadTitles: Readonly<Record<Load, string>> = {
  small: `${shapes.small.bytes / 1000} KB, role`,
  medium: `${shapes.medium.bytes / 1000} KB, role`,
  large: `${shapes.large.bytes / 1000} KB, role`,
  mix: `${shapes.small.bytes / 1000} and ${shapes.medium.bytes / 1000} KB, 1 in 5 with a role`,
};

/** Returns the section's tables. */
export function measureThroughput(bench: Bench, options: Options): Promise<string> {
  return withServers(bench, async (servers) => {
    const rows: string[][] = [];
    for (const load of ['small', 'medium', 'large', 'mix'] as const)
      rows.push(...rowsOf(load, await runRounds(bench, servers, { load, options })));
    const peaks = servers.map(({ pid, target }) => [target.name, decimal(residentMemory(pid).peakMb)]);
    return `${table([head, ...rows])}\n\n${table([['server', 'peak RSS after all that, MB'], ...peaks])}`;
  });
}

function rowsOf(load: Load, rounds: Rounds): string[][] {
  const webhook = rounds[0]?.results.map(perCore) ?? [];
  return rounds.map(({ server, results }) => [
    loadTitles[load],
    server.target.name,
    spread(summarize(results.map(perCore))),
    spread(summarize(ratios(results.map(perCore), webhook)), 2),
    spread(summarize(results.map(({ requests, wallSeconds }) => requests / wallSeconds))),
    percent(results.map(({ serverCpuSeconds, wallSeconds }) => serverCpuSeconds / wallSeconds)),
    percent(results.map(waitShare)),
    percent(results.map(({ generatorCpuSeconds, wallSeconds }) => generatorCpuSeconds / wallSeconds)),
  ]);
}

/** Returns the share of the time in which the server could have run and others had its core. */
export const waitShare = ({ serverWaitSeconds, wallSeconds }: LoadResult): number => serverWaitSeconds / wallSeconds;

/** By the server's CPU time, not the clock: what else the machine does does not count. */
const perCore = ({ requests, serverCpuSeconds }: LoadResult): number => requests / serverCpuSeconds;

/** Returns the median of the shares, in percent. */
export function percent(shares: readonly number[]): string {
  return `${decimal(summarize(shares).median * 100)} %`;
}
