import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Config, type FlagKey, type FlagProps, fallbacks } from '../../contract/flags.ts';
import { openSources } from '../../server/sources.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { RecordingMetrics } from '../support/recording-metrics.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A log that notes for which sources it was asked. */
class AskedLog extends RecordingLog {
  readonly modules: string[] = [];
  override for(module: string): RecordingLog {
    this.modules.push(module);
    return super.for(module);
  }
}

/** Returns the sources of these flags in a pod, and the names of those that log. */
async function open(t: TestContext, props: FlagProps, env: Readonly<Record<string, string>> = podEnv) {
  const tlsCert = join(tempFolder(t), 'tls.crt');
  const config = { ...fallbacks, tlsCert, ...props } as Config;
  const log = new AskedLog();
  const given = new Set(Object.keys(props) as FlagKey[]);
  const ports = { clock: new FakeClock(), random: () => 0.5, log, metrics: new RecordingMetrics(), onState: () => {} };
  const sources = await openSources({ ...ports, config, given, env });
  return { sources, modules: log.modules };
}

const podEnv = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };

for (const [name, props, module] of [
  ['a pod has a CA of its own', {}, 'io/tls/own-ca-source'],
  ['a pod with --csr-signer asks that signer', { csrSigner: 'example.com/serving' }, 'io/tls/csr-source'],
  ['a pod with --tls-cert serves the files', { tlsCert: '/given/tls.crt' }, 'io/tls/file-source'],
  ['files win over a signer', { tlsCert: '/given/tls.crt', csrSigner: 'example.com/serving' }, 'io/tls/file-source'],
  ['files that are there count though no flag names them', { tlsCert: import.meta.filename }, 'io/tls/file-source'],
  ['outside a cluster it is self-signed', { inCluster: false }, 'io/tls/self-signed-source'],
  ['with identities from manifests it is self-signed', { identitiesFrom: 'examples' }, 'io/tls/self-signed-source'],
] as const) {
  test(name, async (t) => {
    const { sources, modules } = await open(t, props);
    assert.ok('certificates' in sources);
    assert.ok(modules.includes(module), `${modules}`);
    assert.equal(modules.filter((other) => /io\/tls\/\w+-(ca-)?(signed-)?source/.test(other)).length, 1);
  });
}

test('a pod that is none is a fault of the start', async (t) => {
  const { sources } = await open(t, {}, {});
  assert.match('message' in sources ? sources.message : '', /KUBERNETES_SERVICE_HOST is not set/);
});
