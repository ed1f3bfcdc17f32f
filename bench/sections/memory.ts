/** Bench: how much memory a server holds, idle and while it takes in many service accounts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Options } from '../options.ts';
import { type ResidentMemory, residentMemory } from '../process-figures.ts';
import { summarize } from '../statistics.ts';
import { decimal, spread, table } from '../table.ts';
import { type Bench, fewAccounts, launchReady, startApi, type Target } from '../targets.ts';

/** After being ready, the time in which a server puts its house in order before it is called idle. */
const settleMs = 3000;

/** Returns the section's table. */
export async function measureMemory(bench: Bench, options: Options): Promise<string> {
  const rows: string[][] = [];
  for (const accounts of [fewAccounts, options.accounts, options.manyAccounts]) {
    await using api = await startApi(bench, accounts);
    for (const target of targetsFor(bench, accounts)) {
      const samples: ResidentMemory[] = [];
      for (let round = 1; round <= options.rounds; round++) {
        samples.push(await sample(bench, target, api.flags));
        bench.log(`${accounts} accounts, ${target.name}, round ${round} of ${options.rounds}`);
      }
      const [peak, idle] = [samples.map(({ peakMb }) => peakMb), samples.map(({ nowMb }) => nowMb)];
      rows.push([decimal(accounts), target.name, spread(summarize(peak), 1), spread(summarize(idle), 1)]);
    }
  }
  return table([['accounts', 'server', 'peak RSS, MB', `RSS idle, ${settleMs / 1000} s after ready, MB`], ...rows]);
}

/** Returns those to which many accounts make a difference. */
export function targetsFor({ targets }: Bench, accounts: number): readonly Target[] {
  return accounts === fewAccounts ? targets : targets.filter(({ isPatching }) => isPatching);
}

async function sample(bench: Bench, target: Target, flags: readonly string[]): Promise<ResidentMemory> {
  await using server = await launchReady(bench, target, flags);
  await delay(settleMs);
  return residentMemory(server.pid);
}
