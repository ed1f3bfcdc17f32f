import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadX509 } from '../../../../server/io/tls/x509.ts';

test('loads the package, once', async () => {
  const first = await loadX509();
  assert.equal(await loadX509(), first);
  assert.equal(typeof first.X509CertificateGenerator.create, 'function');
});

test('reads a certificate request back, which goes through the dependency injection of the package', async () => {
  const x509 = await loadX509();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const name = 'CN=system:node:iam-for-pods.eks.svc,O=system:nodes';
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm });
  const again = new x509.Pkcs10CertificateRequest(request.toString('pem'));
  assert.ok(await again.verify());
  assert.equal(again.subject, 'CN=system:node:iam-for-pods.eks.svc, O=system:nodes');
});
