/** Bench: how many pods lose their identity right after the server has said that it is healthy. */
import { roleEvery } from '../accounts.ts';
import { connect } from '../connection.ts';
import type { Options } from '../options.ts';
import { probe, until } from '../probe.ts';
import { prepareRequest, stampUid } from '../requests.ts';
import { sample } from '../reviews.ts';
import { summarize } from '../statistics.ts';
import { decimal, spread, table } from '../table.ts';
import { type Bench, launch, startApi, type Target } from '../targets.ts';
import { isPatched } from '../verify.ts';
import { targetsFor } from './memory.ts';

/** Pods that are made at once, as after an upgrade of a node group; each of another account, all with a role. */
const pods = 2000;
const connections = 8;

/** Returns the section's table. */
export async function measureLost(bench: Bench, options: Options): Promise<string> {
  const rows: string[][] = [];
  await using api = await startApi(bench, options.accounts);
  for (const target of targetsFor(bench, options.accounts)) {
    const lost: number[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      lost.push(await countLost(bench, target, { flags: api.flags, accounts: options.accounts }));
      bench.log(`pods lost, ${target.name}, round ${round} of ${options.rounds}: ${lost.at(-1)} of ${pods}`);
    }
    rows.push([decimal(options.accounts), target.name, decimal(pods), spread(summarize(lost))]);
  }
  return table([['accounts', 'server', 'pods sent from the first healthy moment', 'pods without a patch'], ...rows]);
}

/** How often /healthz is asked: often enough to catch the first moment in which pods may be lost. */
const pollMs = 5;

interface Start {
  readonly flags: readonly string[];
  readonly accounts: number;
}

async function countLost(bench: Bench, target: Target, { flags, accounts }: Start): Promise<number> {
  const withRole = Math.ceil(accounts / roleEvery);
  // a step that is prime to most counts goes over all of them, not only over those that are listed first
  const requests = Array.from({ length: pods }, (_, pod) =>
    prepareRequest(sample('small', ((pod * 7919) % withRole) * roleEvery)),
  );
  await using server = await launch(bench, target, flags);
  await until(async () => (await probe(server.port, '/healthz')) === 200, server.ended, pollMs);
  let next = 0;
  let lost = 0;
  const lane = async (): Promise<void> => {
    const connection = await connect(server.port);
    for (let pod = next++; pod < pods; pod = next++) {
      const request = requests[pod] as ReturnType<typeof prepareRequest>;
      stampUid(request, pod);
      if (!isPatched(await connection.exchange(request.bytes))) lost++;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, lane));
  return lost;
}
