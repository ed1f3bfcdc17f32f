import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Certificates } from '../../charts/index.ts';
import { containerOf, find, renderChart } from '../support/charts.ts';
import { somePem } from '../support/prop-combinations.ts';

const goName = 'pod-identity-webhook';
const ofEks = renderChart({ compatibility: 'eks' });

test("'eks' has the names that managed EKS and the Go webhook's own manifests have", () => {
  const args = containerOf(ofEks).args ?? [];
  for (const arg of [`service-name=${goName}`, `tls-secret=${goName}`, 'token-volume-name=aws-iam-token']) {
    assert.ok(args.includes(`--${arg}`), arg);
  }
  const names = new Set(ofEks.filter(({ kind }) => kind !== 'Namespace').map(({ metadata }) => metadata.name));
  assert.deepEqual([...names], [goName]);
});

test("'eks' is short for four flags and changes nothing else", () => {
  const names = { serviceName: goName, tlsSecret: goName, mutatingWebhookConfiguration: goName };
  assert.deepEqual(ofEks, renderChart({ ...names, tokenVolumeName: 'aws-iam-token' }));
});

test("'2019' is the default", () => {
  assert.deepEqual(renderChart({ compatibility: '2019' }), renderChart());
});

test('props that are given win', () => {
  const manifests = renderChart({
    compatibility: 'eks',
    serviceName: 'webhook',
    tokenVolumeName: 'token',
    certificates: Certificates.secret({ name: 'other', caBundle: somePem }),
  });
  const args = containerOf(manifests).args ?? [];
  assert.ok(args.includes('--service-name=webhook') && args.includes('--token-volume-name=token'));
  assert.match(JSON.stringify(find(manifests, 'Deployment')), /"secretName":"other"/);
  assert.equal(find(manifests, 'MutatingWebhookConfiguration').metadata.name, goName);
});
