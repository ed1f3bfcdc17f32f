/**
 * What disturbs the webhook while 50 pods are created each second: none may fail, none may come out without its role. CA and
 * certificate have the shortest lifetimes that there are, so both are renewed all the while.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyPod, loseNothing, Renewals, restart, settled } from './disturbances.ts';
import { type Installed, webhookName, webhookNamespace } from './installed.ts';
import { underLoad } from './load.ts';
import { ownOnly, useInstalled } from './suite.ts';

let installed: Installed;
let renewals: Renewals;
useInstalled((opened) => {
  installed = opened;
  renewals = new Renewals(opened);
});

const limited = { ...ownOnly, timeout: 240_000 };
const kubectl = (...args: readonly string[]) => installed.target.kubectl(args);

test('no pod is lost while a deployment is restarted', limited, async (context) => {
  await installed.up('rotating');
  await renewals.note();
  await loseNothing(context, installed, async () => {
    await restart(installed);
    await settled(installed);
  });
});

test('no pod is lost while a replica is deleted', limited, async (context) => {
  await loseNothing(context, installed, async () => {
    await kubectl('delete', 'pod', await anyPod(installed), `--namespace=${webhookNamespace}`);
    await settled(installed);
  });
});

test('no pod is lost while a replica is drained', limited, async (context) => {
  await loseNothing(context, installed, async () => {
    await evict(await anyPod(installed));
    await settled(installed);
  });
});

test('no pod is lost while CA and certificate are renewed, twice since the start', limited, async (context) => {
  try {
    await loseNothing(context, installed, () => renewals.reach(3));
  } finally {
    const { authorities, leaves } = renewals.seen;
    context.diagnostic(`${authorities} authorities, ${leaves} certificates`);
  }
});

test('what is lost is noticed', limited, async () => {
  const work = () => kubectl('delete', 'mutatingwebhookconfiguration', webhookName);
  assert.ok((await underLoad(installed, 'app', work)).unmutatedAtSeconds.length > 0);
});

/** As `kubectl drain` does it, without closing the only node there is. */
async function evict(name: string): Promise<void> {
  const path = `/api/v1/namespaces/${webhookNamespace}/pods/${name}/eviction`;
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: webhookNamespace } };
  const { status, body } = await installed.target.api.call('POST', path, eviction);
  assert.equal(status, 201, JSON.stringify(body));
}
