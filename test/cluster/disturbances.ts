/** Test cluster: what disturbs an installed webhook, and what becomes of the pods that are created meanwhile. Holds no tests. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from './fixture.ts';
import { type Installed, webhookName, webhookNamespace } from './installed.ts';
import { underLoad } from './load.ts';

const within = `--namespace=${webhookNamespace}`;
const deployment = `deployment/${webhookName}`;
const bundlePath = '{.webhooks[0].clientConfig.caBundle}';

/** Where figures are told. */
export interface Teller {
  diagnostic(line: string): void;
}

/** Creates 50 pods a second while the work goes on, tells what became of them, and asserts that none failed or lacks its role. */
export async function loseNothing(
  teller: Teller,
  installed: Installed,
  work: () => Promise<unknown>,
  title = '',
): Promise<void> {
  const begun = performance.now();
  const { created, failures, unmutatedAtSeconds, slowestMs } = await underLoad(installed, 'app', work);
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  teller.diagnostic(
    `${title}${created} pods in ${seconds} s: ${failures.length} failed, ${unmutatedAtSeconds.length} unmutated, the slowest took ${slowestMs} ms`,
  );
  assert.deepEqual({ failures, unmutatedAtSeconds }, { failures: [], unmutatedAtSeconds: [] });
  assert.ok(created > 50, `only ${created} pods were created`);
}

/** Replaces every pod of the webhook, and returns as soon as the new ones are available: the old ones may still drain. */
export async function restart({ target }: Installed): Promise<void> {
  await target.kubectl(['rollout', 'restart', deployment, within]);
  await rolledOut(target);
}

/** Waits until all replicas are new and ready, and the old ones have ended. */
export async function settled(installed: Installed): Promise<void> {
  await rolledOut(installed.target);
  await eventually('there are two pods', async () => (await podNames(installed)).length === 2);
}

/** Returns the name of a pod of the webhook. */
export async function anyPod(installed: Installed): Promise<string> {
  return (await podNames(installed))[0]?.replace('pod/', '') ?? '';
}

/** The authorities and the certificates that were seen, one look after another. */
export class Renewals {
  readonly #authorities = new Set<string>();
  readonly #leaves = new Set<string>();
  readonly #target: Installed['target'];

  constructor({ target }: Installed) {
    this.#target = target;
  }

  /** How many of each there were so far. */
  get seen() {
    return { authorities: this.#authorities.size, leaves: this.#leaves.size };
  }

  /** Remembers the authorities that the API server trusts now, and the certificate in the Secret. */
  async note(): Promise<void> {
    const get = (...args: readonly string[]) => this.#target.kubectl(['get', ...args]);
    const bundle = await get('mutatingwebhookconfiguration', webhookName, '-o', `jsonpath=${bundlePath}`);
    const secret = await get('secret', webhookName, within, '-o', 'jsonpath={.data.tls\\.crt}');
    const pem = Buffer.from(bundle, 'base64').toString();
    for (const [authority] of pem.matchAll(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g))
      this.#authorities.add(authority);
    this.#leaves.add(new X509Certificate(Buffer.from(secret, 'base64')).serialNumber);
  }

  /** Looks about once a second until so many of each have been seen since the first look. */
  async reach(count: number): Promise<void> {
    await eventually(
      `${count} authorities and certificates are seen`,
      async () => {
        await pause(900);
        await this.note();
        return Math.min(this.#authorities.size, this.#leaves.size) >= count;
      },
      150_000,
    );
  }
}

function rolledOut(target: Installed['target']): Promise<string> {
  return target.kubectl(['rollout', 'status', deployment, within, '--timeout=120s']);
}

async function podNames({ target }: Installed): Promise<readonly string[]> {
  return (await target.kubectl(['get', 'pods', within, '-o', 'name'])).trim().split('\n');
}
