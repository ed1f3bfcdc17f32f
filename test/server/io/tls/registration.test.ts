import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundlePatch, ourEntries } from '../../../../server/io/tls/registration.ts';

const service = { serviceName: 'iam-for-pods', namespace: 'eks' };
const registration = (...configs: readonly unknown[]) => ({
  metadata: { name: 'iam-for-pods', resourceVersion: '7' },
  webhooks: configs.map((clientConfig) => ({ clientConfig })),
});
const indexes = (...configs: readonly unknown[]) =>
  ourEntries(registration(...configs), service).map(({ index }) => index);

test('entries are ours when they lead to our Service, by its name or by its host name', () => {
  const ours = { service: { name: 'iam-for-pods', namespace: 'eks', port: 443 } };
  assert.deepEqual(indexes(ours, { url: 'https://iam-for-pods.eks.svc:8443/mutate' }, ours), [0, 1, 2]);
  assert.deepEqual(indexes({ url: 'https://iam-for-pods.eks.svc.cluster.local/' }), [0]);
});

test('entries of other Services and URLs are not ours, nor is anything that is no entry', () => {
  assert.deepEqual(
    indexes(
      { service: { name: 'iam-for-pods', namespace: 'other' } },
      { service: { name: 'other', namespace: 'eks' } },
      { url: 'https://iam-for-pods/mutate' },
      { url: 'https://10.0.0.1/iam-for-pods.eks.svc' },
      { url: 'nothing' },
      null,
      {},
    ),
    [],
  );
  assert.deepEqual(ourEntries({ metadata: { name: 'a' } }, service), []);
});

test('a caBundle that is no PEM holds no CA, and something else', () => {
  const [entry] = ourEntries(
    registration({ service: { name: 'iam-for-pods', namespace: 'eks' }, caBundle: 'eA==' }),
    service,
  );
  assert.deepEqual(entry?.bundle, { authorities: [], hasOther: true });
});

test('the patch holds for the version that was seen, and touches the named entries alone', () => {
  const authority = { pem: 'PEM\n', madeMs: 0, endMs: 1 };
  assert.deepEqual(bundlePatch(registration({}, {}, {}), new Map([[2, [authority, authority]]])), [
    { op: 'test', path: '/metadata/resourceVersion', value: '7' },
    { op: 'add', path: '/webhooks/2/clientConfig/caBundle', value: Buffer.from('PEM\nPEM\n').toString('base64') },
  ]);
});
