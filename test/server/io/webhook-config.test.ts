import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { webhookConfigText, writeWebhookConfig } from '../../../server/io/webhook-config.ts';
import { tempFolder } from '../../support/temp-folder.ts';

test('is a kubeconfig whose cluster, user and context are all named webhook, and that trusts the certificate', () => {
  assert.deepEqual(parse(webhookConfigText(8443, 'PEM')), {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'webhook',
        cluster: {
          server: 'https://localhost:8443',
          'certificate-authority-data': Buffer.from('PEM').toString('base64'),
        },
      },
    ],
    users: [{ name: 'webhook', user: {} }],
    contexts: [{ name: 'webhook', context: { cluster: 'webhook', user: 'webhook' } }],
    'current-context': 'webhook',
  });
});

test('is written for its owner alone, and anew for another certificate', (t) => {
  const path = join(tempFolder(t), 'folder', 'config.yaml');
  for (const cert of ['first', 'second']) {
    writeWebhookConfig({ path, port: 443 }, { cert, key: 'secret', notAfterMs: 0 });
    assert.equal(readFileSync(path, 'utf8'), webhookConfigText(443, cert));
  }
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('names its flag when it cannot be written', () => {
  assert.throws(
    () => writeWebhookConfig({ path: '/dev/null/config.yaml', port: 443 }, { cert: '', key: '', notAfterMs: 0 }),
    {
      message:
        /^--webhook-config: cannot write \/dev\/null\/config\.yaml: E[A-Z]+: .* or name another place with --webhook-config\.$/,
    },
  );
});
