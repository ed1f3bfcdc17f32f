/** Bench: how long reviews take at a steady rate, from the moment each should have been sent. */
import type { LoadResult } from '../load.ts';
import type { Options } from '../options.ts';
import { ratios, summarize } from '../statistics.ts';
import { spread, table } from '../table.ts';
import type { Bench } from '../targets.ts';
import { type Rounds, runRounds, withServers } from './rounds.ts';
import { loadTitles, percent, waitShare } from './throughput.ts';

const quantiles = ['p50', 'p99', 'max'] as const;

/** Returns the section's table, in milliseconds. */
export function measureLatency(bench: Bench, options: Options): Promise<string> {
  return withServers(bench, async (servers) => {
    const rows: string[][] = [];
    for (const load of ['small', 'mix'] as const) {
      const rounds = await runRounds(bench, servers, { load, rate: options.rate, options });
      rows.push(...rowsOf(loadTitles[load], rounds));
    }
    const columns = [...quantiles.map((name) => `${name}, ms`), 'p99, ratio to webhook', 'server kept off its core'];
    return table([['reviews', 'server', ...columns], ...rows]);
  });
}

function rowsOf(title: string, rounds: Rounds): string[][] {
  const latencies = (results: readonly LoadResult[], name: (typeof quantiles)[number]) =>
    results.map(({ latencyMs }) => latencyMs?.[name] ?? Number.NaN);
  const webhook = latencies(rounds[0]?.results ?? [], 'p99');
  return rounds.map(({ server, results }) => [
    title,
    server.target.name,
    ...quantiles.map((name) => spread(summarize(latencies(results, name)), 2)),
    spread(summarize(ratios(latencies(results, 'p99'), webhook)), 2),
    percent(results.map(waitShare)),
  ]);
}
