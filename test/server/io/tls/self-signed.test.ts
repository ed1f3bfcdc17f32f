import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { judgeSelfSigned, makeSelfSigned, renewAtMs } from '../../../../server/io/tls/self-signed.ts';
import type { ServingCertificate } from '../../../../server/ports.ts';
import { makePair } from '../../../support/certificate.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const hourMs = 3_600_000;
const nowMs = Math.floor(Date.now() / 1000) * 1000;
const options = { nowMs, durationMs: 3 * hourMs };

describe('the self-signed certificate', () => {
  let pair: ServingCertificate;
  let x509: X509Certificate;
  before(async () => {
    pair = await makeSelfSigned(options);
    x509 = new X509Certificate(pair.cert);
  });

  test('is for localhost by name and by address, with an RSA key of 2048 bits', () => {
    assert.equal(x509.subject, 'CN=localhost');
    assert.equal(x509.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
    assert.equal(x509.publicKey.asymmetricKeyType, 'rsa');
    assert.equal(x509.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  });

  test('is valid from five minutes ago to the end of the duration', () => {
    assert.equal(x509.validFromDate.getTime(), nowMs - 5 * 60_000);
    assert.equal(x509.validToDate.getTime(), nowMs + 3 * hourMs);
    assert.equal(pair.notAfterMs, nowMs + 3 * hourMs);
  });

  test('is its own CA, and for servers', () => {
    assert.ok(x509.ca);
    assert.ok(x509.checkIssued(x509) && x509.verify(x509.publicKey));
    assert.deepEqual(x509.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  });

  for (const host of ['localhost', '127.0.0.1']) {
    test(`is accepted by a client at ${host} that trusts nothing else`, async (t) => {
      const server = createServer({ cert: pair.cert, key: pair.key }, (_request, response) => response.end('ok'));
      t.after(() => server.close());
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      const request = get({ host, port, ca: pair.cert, agent: false, family: 4 });
      const [response] = await once(request, 'response');
      assert.equal(response.statusCode, 200);
      response.resume();
      await once(response, 'end');
    });
  }

  test('is accepted by openssl verify as its own CA, for servers, at the strictest', (t) => {
    if (!hasOpenssl()) return t.skip('needs openssl');
    const file = join(tempFolder(t), 'tls.cert');
    writeFileSync(file, pair.cert);
    const args = [
      'verify',
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-verify_hostname',
      'localhost',
      '-CAfile',
      file,
      file,
    ];
    assert.equal(execFileSync('openssl', args, { encoding: 'utf8' }), `${file}: OK\n`);
  });

  test('is good until a third of its duration is left', () => {
    assert.equal(renewAtMs(pair.cert), nowMs + 2 * hourMs);
    assert.equal(judgeSelfSigned(pair.cert, nowMs + 2 * hourMs - 1), undefined);
    assert.equal(judgeSelfSigned(pair.cert, nowMs + 2 * hourMs), 'less than a third of its lifetime is left');
  });

  test('is another each time, key and serial number too', async () => {
    const other = await makeSelfSigned(options);
    assert.notEqual(new X509Certificate(other.cert).serialNumber, x509.serialNumber);
    assert.notEqual(other.key, pair.key);
    assert.ok(x509.serialNumber.length >= 30);
  });
});

test('a lifetime of a century ends after 2050 as it should', async () => {
  const pair = await makeSelfSigned({ nowMs, durationMs: 100 * 8766 * hourMs });
  assert.equal(new X509Certificate(pair.cert).validToDate.getTime(), nowMs + 100 * 8766 * hourMs);
});

test('a certificate for other names is not taken', async () => {
  const { cert } = await makePair({
    notBeforeMs: nowMs - hourMs,
    notAfterMs: nowMs + hourMs,
    names: ['localhost', '::1'],
  });
  assert.equal(judgeSelfSigned(cert, nowMs), 'it is not for 127.0.0.1');
});

test('a certificate that is no CA is not taken', async () => {
  const { cert } = await makePair({ notBeforeMs: nowMs - hourMs, notAfterMs: nowMs + hourMs, isCa: false });
  assert.equal(judgeSelfSigned(cert, nowMs), 'it is not its own CA');
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
}
