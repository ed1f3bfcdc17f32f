import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getCiphers } from 'node:tls';
import { tlsOffer } from '../../../../server/io/tls/offer.ts';

const offer = (tlsMinVersion: string, ...tlsCipherSuites: string[]) => tlsOffer({ tlsMinVersion, tlsCipherSuites });

/** Names as in Go's crypto/tls, whose CHACHA20 suites had a shorter name once. */
const suites = {
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: 'ECDHE-RSA-AES128-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
};

for (const [name, openssl] of Object.entries(suites)) {
  test(`${name} is ${openssl} to OpenSSL, which has it`, () => {
    const result = offer('', name);
    assert.ok('ciphers' in result);
    assert.equal(result.ciphers.split(':').at(-1), openssl);
    assert.ok(getCiphers().includes(openssl.toLowerCase()));
  });
}

for (const [version, node] of Object.entries({
  '': 'TLSv1.2',
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  VersionTLS12: 'TLSv1.2',
  '1.3': 'TLSv1.3',
})) {
  test(`least version ${JSON.stringify(version)} is ${node}`, () => {
    const result = offer(version);
    assert.ok('minVersion' in result);
    assert.equal(result.minVersion, node);
  });
}

test('the offer trusts nobody, so that Node reads no root certificates', () => {
  const result = offer('');
  assert.ok('ca' in result);
  assert.deepEqual(result.ca, []);
});

test('an unknown suite is a fault that names it', () => {
  const result = offer('', 'TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_RSA_WITH_RC4_128_SHA');
  assert.ok('message' in result);
  assert.match(result.message, /"TLS_RSA_WITH_RC4_128_SHA" is not known/);
});
