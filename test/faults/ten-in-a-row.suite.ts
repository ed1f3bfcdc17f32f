/**
 * Ten rollout restarts and ten rotations in a row on a real cluster, while 50 pods are created each second: none may fail, none
 * may come out without its role. The next restart begins as soon as the new pods are available, while the old ones drain.
 */
import { type TestContext, test } from 'node:test';
import { loseNothing, Renewals, restart, settled } from '../cluster/disturbances.ts';
import type { Installed } from '../cluster/installed.ts';
import { ownOnly, useInstalled } from '../cluster/suite.ts';

let installed: Installed;
useInstalled((opened) => {
  installed = opened;
});

const rounds = 10;
const limited = { ...ownOnly, timeout: 1_200_000 };

test('no pod is lost in ten restarts in a row', limited, async (context) => {
  await installed.up();
  await restartAgainAndAgain(context);
});

test('no pod is lost in ten rotations of CA and certificate in a row', limited, async (context) => {
  // what is kept in the Secret has the lifetime that it was made with
  await installed.down();
  await installed.up('rotating');
  await settled(installed);
  const renewals = new Renewals(installed);
  await renewals.note();
  // an authority that is on its way out may still be trusted: each round brings one more, whatever there is now
  const { authorities, leaves } = renewals.seen;
  const before = Math.max(authorities, leaves);
  for (let round = 1; round <= rounds; round++) {
    await loseNothing(context, installed, () => renewals.reach(before + round), `figure: rotation ${round}: `);
  }
});

test('no pod is lost in ten restarts in a row while CA and certificate are renewed', limited, async (context) => {
  const renewals = new Renewals(installed);
  await restartAgainAndAgain(context, () => renewals.note());
  const { authorities, leaves } = renewals.seen;
  context.diagnostic(`figure: ${authorities} authorities and ${leaves} certificates were seen meanwhile`);
});

/** @param between what is done after each restart */
async function restartAgainAndAgain(context: TestContext, between = async () => {}): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    const work = async () => {
      await restart(installed);
      await between();
      if (round === rounds) await settled(installed);
    };
    await loseNothing(context, installed, work, `figure: restart ${round}: `);
  }
}
