import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeConfigMapIdentities } from '../../server/core/config-map.ts';
import { containerOf, find, renderChart } from '../support/charts.ts';

test('the server reads of the ConfigMap what the props say, and is told to follow it', () => {
  const roleArn = 'arn:aws:iam::111122223333:role/s3-reader';
  const full = { roleArn, audience: 'a', useRegionalSts: false, tokenExpiration: 3600 };
  const manifests = renderChart({
    identities: [
      { namespace: 'default', serviceAccount: 'reader', roleArn },
      { namespace: 'team-*', serviceAccount: '*', ...full },
    ],
  });
  const { data } = find<{ data: { config: string } }>(manifests, 'ConfigMap', 'pod-identity-webhook');
  const { entries, faults } = decodeConfigMapIdentities(data.config);
  assert.deepEqual(faults, []);
  assert.deepEqual(
    entries.map(({ key, identity }) => [key, identity]),
    [
      ['default/reader', { roleArn }],
      ['team-*/*', full],
    ],
  );
  assert.ok(containerOf(manifests).args?.includes('--watch-config-map=true'));
});

test('without identities there is no ConfigMap to set back what somebody else keeps', () => {
  assert.ok(!renderChart({ watchConfigMap: true }).some(({ kind }) => kind === 'ConfigMap'));
});
