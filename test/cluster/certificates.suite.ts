/** The certificate modes that need somebody else: a signer, or whoever keeps a Secret. The webhook's own CA has other suites. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { issueCertificate } from './certificates.ts';
import { eventually } from './fixture.ts';
import { type Installed, untilMutated, webhookName, webhookNamespace } from './installed.ts';
import { signRequests } from './signer.ts';
import { ownOnly, useInstalled } from './suite.ts';

let installed: Installed;
useInstalled((opened) => {
  installed = opened;
});

const within = `--namespace=${webhookNamespace}`;
const kubectl = (...args: readonly string[]) => installed.target.kubectl(args);
const listRequests = () => kubectl('get', 'certificatesigningrequests', '-o', 'name');

test(
  'with a signer, cluster-up approves the request and the certificate outlives a restart',
  ownOnly,
  async (context) => {
    const signer = signRequests(installed.cluster, 'suite.example.com/serving');
    try {
      const { output, readyMs } = await installed.up('signing-request');
      assert.match(output, /certificatesigningrequest.* approved/);
      context.diagnostic(
        `from apply to ready: ${(readyMs / 1000).toFixed(1)} s, ${signer.signed()} certificates signed`,
      );
    } finally {
      await signer.stop();
    }
    const requests = await listRequests();
    await kubectl('rollout', 'restart', `deployment/${webhookName}`, within);
    await kubectl('rollout', 'status', `deployment/${webhookName}`, within, '--timeout=90s');
    await untilMutated(installed);
    assert.equal(await listRequests(), requests);
    await installed.down();
    assert.equal(await listRequests(), '');
  },
);

test('with a Secret of somebody else, pods wait for it and then serve its certificate', ownOnly, async (context) => {
  const folder = join(installed.cluster.folder, 'pki');
  const service = `${webhookName}.${webhookNamespace}.svc`;
  await issueCertificate(folder, 'made-elsewhere', [`DNS:${service}`]);
  const settings = { CA_BUNDLE: await readFile(join(folder, 'ca.crt'), 'utf8') };
  const [{ readyMs }] = await Promise.all([installed.up('secret', settings), createSecretOnceThere(folder)]);
  context.diagnostic(`from apply to ready: ${(readyMs / 1000).toFixed(1)} s`);
});

/** The Secret can be made as soon as its namespace is there. */
async function createSecretOnceThere(folder: string): Promise<void> {
  const isThere = async () => (await kubectl('get', 'namespace', webhookNamespace, '--ignore-not-found')) !== '';
  await eventually('the namespace is there', isThere);
  const files = ['crt', 'key'].map((end) => join(folder, `made-elsewhere.${end}`));
  await kubectl('create', 'secret', 'tls', 'made-elsewhere', within, `--cert=${files[0]}`, `--key=${files[1]}`);
}
