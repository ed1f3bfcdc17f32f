/**
 * What disturbs the webhook while 50 pods are created each second: none may fail, none may come out without its role. CA and
 * certificate have the shortest lifetimes that there are, so both are renewed all the while.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from './fixture.ts';
import { type Installed, webhookName, webhookNamespace } from './installed.ts';
import { underLoad } from './load.ts';
import { ownOnly, useInstalled } from './suite.ts';

let installed: Installed;
useInstalled((opened) => {
  installed = opened;
});

const limited = { ...ownOnly, timeout: 240_000 };
const within = `--namespace=${webhookNamespace}`;
const deployment = `deployment/${webhookName}`;
const bundlePath = '{.webhooks[0].clientConfig.caBundle}';
const seen = { authorities: new Set<string>(), leaves: new Set<string>() };
const kubectl = (...args: readonly string[]) => installed.target.kubectl(args);

test('no pod is lost while a deployment is restarted', limited, async (context) => {
  await installed.up('rotating');
  await note();
  await loseNothing(context, async () => {
    await kubectl('rollout', 'restart', deployment, within);
    await settled();
  });
});

test('no pod is lost while a replica is deleted', limited, async (context) => {
  await loseNothing(context, async () => {
    await kubectl('delete', 'pod', await anyPod(), within);
    await settled();
  });
});

test('no pod is lost while a replica is drained', limited, async (context) => {
  await loseNothing(context, async () => {
    await evict(await anyPod());
    await settled();
  });
});

test('no pod is lost while CA and certificate are renewed, twice since the start', limited, async (context) => {
  const isRenewedTwice = async () => {
    await pause(900);
    await note();
    return seen.authorities.size >= 3 && seen.leaves.size >= 3;
  };
  try {
    await loseNothing(context, () => eventually('both are renewed twice', isRenewedTwice, 150_000));
  } finally {
    context.diagnostic(`${seen.authorities.size} authorities, ${seen.leaves.size} certificates`);
  }
});

test('what is lost is noticed', limited, async () => {
  const work = () => kubectl('delete', 'mutatingwebhookconfiguration', webhookName);
  assert.ok((await underLoad(installed, 'app', work)).unmutatedAtSeconds.length > 0);
});

async function loseNothing(context: TestContext, work: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  const losses = await underLoad(installed, 'app', work);
  const { created, failures, unmutatedAtSeconds, slowestMs } = losses;
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  context.diagnostic(
    `${created} pods in ${seconds} s: ${failures.length} failed, ${unmutatedAtSeconds.length} unmutated, the slowest took ${slowestMs} ms`,
  );
  assert.deepEqual({ failures, unmutatedAtSeconds }, { failures: [], unmutatedAtSeconds: [] });
  assert.ok(created > 50, `only ${created} pods were created`);
}

/** Waits until all replicas are new and ready, and the old ones have ended. */
async function settled(): Promise<void> {
  await kubectl('rollout', 'status', deployment, within, '--timeout=120s');
  await eventually('there are two pods', async () => (await podNames()).length === 2);
}

async function podNames(): Promise<readonly string[]> {
  return (await kubectl('get', 'pods', within, '-o', 'name')).trim().split('\n');
}

async function anyPod(): Promise<string> {
  return (await podNames())[0]?.replace('pod/', '') ?? '';
}

/** As `kubectl drain` does it, without closing the only node there is. */
async function evict(name: string): Promise<void> {
  const path = `/api/v1/namespaces/${webhookNamespace}/pods/${name}/eviction`;
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: webhookNamespace } };
  const { status, body } = await installed.target.api.call('POST', path, eviction);
  assert.equal(status, 201, JSON.stringify(body));
}

/** Remembers the authorities that the API server trusts now, and the certificate in the Secret. */
async function note(): Promise<void> {
  const bundle = await kubectl('get', 'mutatingwebhookconfiguration', webhookName, '-o', `jsonpath=${bundlePath}`);
  const secret = await kubectl('get', 'secret', webhookName, within, '-o', 'jsonpath={.data.tls\\.crt}');
  const pem = Buffer.from(bundle, 'base64').toString();
  for (const [authority] of pem.matchAll(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g))
    seen.authorities.add(authority);
  seen.leaves.add(new X509Certificate(Buffer.from(secret, 'base64')).serialNumber);
}
