import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Duration } from 'cdk8s';
import { Certificates } from '../../charts/index.ts';
import type { CertificateSpec } from '../../imports/cert-manager.io.ts';
import { find, podOf, renderChart } from '../support/charts.ts';

const certificateOf = (certificates: Certificates, url?: string) =>
  find<{ spec: CertificateSpec }>(renderChart({ certificates, ...(url && { url }) }), 'Certificate', 'iam-for-pods')
    .spec;

test('a CA is made for the webhook, so that the CA which the API server trusts outlives certificates', () => {
  const manifests = renderChart({ certificates: Certificates.certManager() });
  const root = find<{ spec: object }>(manifests, 'Issuer', 'iam-for-pods-root');
  const ca = find<{ spec: object }>(manifests, 'Issuer', 'iam-for-pods-ca');
  const caCertificate = find<{ spec: object }>(manifests, 'Certificate', 'iam-for-pods-ca');
  assert.deepEqual(root.spec, { selfSigned: {} });
  assert.partialDeepStrictEqual(caCertificate.spec, {
    isCA: true,
    secretName: 'iam-for-pods-ca',
    issuerRef: { name: 'iam-for-pods-root', kind: 'Issuer' },
    duration: '87600h0m0s',
  });
  assert.deepEqual(ca.spec, { ca: { secretName: 'iam-for-pods-ca' } });
  assert.deepEqual(certificateOf(Certificates.certManager()).issuerRef, { name: 'iam-for-pods-ca', kind: 'Issuer' });
});

test('the certificate is for the names of the Service, in the Secret that the pods mount', () => {
  const { secretName, dnsNames, duration, usages } = certificateOf(Certificates.certManager());
  assert.deepEqual(dnsNames, ['iam-for-pods.eks.svc', 'iam-for-pods.eks.svc.cluster.local']);
  assert.equal(duration, '2160h0m0s');
  assert.deepEqual(usages, ['digital signature', 'server auth']);
  const [, volume] = podOf(renderChart({ certificates: Certificates.certManager() })).volumes ?? [];
  assert.equal(volume?.secret?.secretName, secretName);
});

test('with a URL it is for that host as well', () => {
  const url = 'https://webhook.example.com:8443/mutate';
  assert.equal(certificateOf(Certificates.certManager(), url).dnsNames?.at(-1), 'webhook.example.com');
});

for (const [url, address] of [
  ['https://10.1.2.3:8443/mutate', '10.1.2.3'],
  ['https://[2001:db8::1]/mutate', '2001:db8::1'],
] as const) {
  test(`with a URL of an IP address it is for that address, which is no DNS name: ${address}`, () => {
    const { dnsNames, ipAddresses } = certificateOf(Certificates.certManager(), url);
    assert.deepEqual(ipAddresses, [address]);
    assert.deepEqual(dnsNames, ['iam-for-pods.eks.svc', 'iam-for-pods.eks.svc.cluster.local']);
  });
}

test("the CA's common name is never longer than X.509 has room for", () => {
  const manifests = renderChart({ certificates: Certificates.certManager(), serviceName: 'a'.repeat(63) });
  const { spec } = find<{ spec: CertificateSpec }>(manifests, 'Certificate', `${'a'.repeat(63)}-ca`);
  assert.equal(spec.commonName?.length, 64);
});

test('its Secret is not the one that the webhook keeps with a CA of its own, unless the prop says so', () => {
  const secretOf = (tlsSecret?: string) => {
    const manifests = renderChart({ certificates: Certificates.certManager(), ...(tlsSecret && { tlsSecret }) });
    const [, volume] = podOf(manifests).volumes ?? [];
    const { secretName } = find<{ spec: CertificateSpec }>(manifests, 'Certificate', 'iam-for-pods').spec;
    assert.equal(volume?.secret?.secretName, secretName);
    return secretName;
  };
  assert.equal(secretOf(), 'iam-for-pods-tls');
  assert.equal(secretOf('mine'), 'mine');
});

test('an issuer that is given signs it, and none is made', () => {
  const issuer = { name: 'company', kind: 'ClusterIssuer', group: 'issuers.example.com' } as const;
  const certificates = Certificates.certManager({ issuer, duration: Duration.days(1) });
  assert.deepEqual(certificateOf(certificates).issuerRef, issuer);
  assert.equal(certificateOf(certificates).duration, '24h0m0s');
  assert.ok(!renderChart({ certificates }).some(({ kind }) => kind === 'Issuer'));
});
