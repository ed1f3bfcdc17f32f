/** Test support of io/kube: a fake API server, a client of it, and the ports, wired together. */

import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { loadKubeAccess } from '../../../../server/io/kube/access.ts';
import { createKubeClient, type KubeClient } from '../../../../server/io/kube/client.ts';
import { FakeApiServer } from '../../../support/fake-api-server.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { RecordingLog } from '../../../support/recording-log.ts';
import { RecordingMetrics } from '../../../support/recording-metrics.ts';

/** What a test of io/kube works with. */
export interface Rig {
  readonly server: FakeApiServer;
  readonly client: KubeClient;
  readonly clock: FakeClock;
  readonly log: RecordingLog;
  readonly metrics: RecordingMetrics;
  /** The same number at every draw, so that waits are known. */
  readonly random: () => number;
}

/** Returns a rig that is taken down after the test. */
export async function createRig(context: TestContext): Promise<Rig> {
  const server = await FakeApiServer.start();
  const clock = new FakeClock();
  const client = createKubeClient({ access: await accessTo(server.url), clock });
  context.after(async () => {
    client.close();
    await server.stop();
  });
  return { server, client, clock, log: new RecordingLog(), metrics: new RecordingMetrics(), random: () => 0.5 };
}

/** Returns anonymous access to a URL. */
export async function accessTo(kubeApi: string) {
  const loaded = await loadKubeAccess({
    inCluster: false,
    kubeApi,
    kubeconfig: '~/.kube/config',
    env: { HOME: '/nowhere' },
  });
  if ('fault' in loaded) throw new Error(loaded.fault.message);
  return loaded.access;
}

/** Only a test that hangs ever waits so long. */
const hangMs = 10_000;

/**
 * Resolves once the condition holds; lets sockets and promises have their turns meanwhile.
 * @throws when it does not hold for so long that it never will
 */
export async function until(condition: () => boolean): Promise<void> {
  const startMs = performance.now();
  while (!condition()) {
    if (performance.now() - startMs > hangMs) throw new Error(`never came true: ${condition}`);
    await setImmediate();
  }
}
