import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { checkPair } from '../../../../server/io/tls/pair.ts';
import { makePair } from '../../../support/certificate.ts';

const nowMs = Date.UTC(2026, 0, 1);
const hourMs = 3_600_000;
const times = { notBeforeMs: nowMs - hourMs, notAfterMs: nowMs + hourMs };

function check(pair: { cert: string; key: string }, atMs = nowMs) {
  return checkPair(
    { name: '--tls-cert /c', read: { text: pair.cert } },
    { name: '--tls-key /k', read: { text: pair.key } },
    atMs,
  );
}

describe('a pair', () => {
  let pair: { cert: string; key: string };
  let other: { cert: string; key: string };
  before(async () => {
    pair = await makePair(times);
    other = await makePair(times);
  });

  test('that fits is given back with its end', () => {
    assert.deepEqual(check(pair), { ...pair, notAfterMs: nowMs + hourMs });
  });

  test('whose file holds the chain, leaf first, is given back whole', () => {
    const chain = { cert: `${pair.cert}${other.cert}`, key: pair.key };
    assert.deepEqual(check(chain), { ...chain, notAfterMs: nowMs + hourMs });
  });

  test('is good from the first millisecond to the last', () => {
    assert.ok('cert' in check(pair, times.notBeforeMs));
    assert.ok('cert' in check(pair, times.notAfterMs - 1));
  });

  test('that ended is refused with its end', () => {
    assert.deepEqual(check(pair, times.notAfterMs), {
      code: 'certificate-expired',
      message: '--tls-cert /c expired at 2026-01-01T01:00:00.000Z; replace certificate and key',
    });
  });

  test('that has not begun is refused with its beginning', () => {
    assert.deepEqual(check(pair, times.notBeforeMs - 1), {
      code: 'certificate-not-yet-valid',
      message: "--tls-cert /c is not valid before 2025-12-31T23:00:00.000Z; wait, or set this machine's clock",
    });
  });

  test('of two generations is refused with both names', () => {
    assert.deepEqual(check({ cert: pair.cert, key: other.key }), {
      code: 'certificate-key-mismatch',
      message:
        '--tls-key /k is not the key of the first certificate in --tls-cert /c; ' +
        'replace both, and put the leaf first when the file holds a chain',
    });
  });

  test('in the wrong order, leaf last, is a mismatch', () => {
    assert.partialDeepStrictEqual(check({ cert: other.cert + pair.cert, key: pair.key }), {
      code: 'certificate-key-mismatch',
    });
  });

  test('whose certificate is cut off is refused', () => {
    const cut = { ...pair, cert: pair.cert.slice(0, pair.cert.length / 2) };
    assert.partialDeepStrictEqual(check(cut), { code: 'certificate-malformed' });
  });

  test('whose key is cut off is refused', () => {
    const cut = { ...pair, key: pair.key.slice(0, pair.key.length / 2) };
    assert.partialDeepStrictEqual(check(cut), { code: 'certificate-key-malformed' });
  });

  for (const [what, cert, key, message] of [
    [
      'certificate file is empty',
      '',
      '',
      /^--tls-cert \/c holds no PEM block "CERTIFICATE"; put the certificate chain there/,
    ],
    ['files are swapped', 'key', 'cert', /^--tls-cert \/c holds no PEM block "CERTIFICATE"/],
    ['key file holds a certificate', 'cert', 'cert', /^--tls-key \/k holds no PEM block "PRIVATE KEY"; put /],
  ] as const) {
    test(`whose ${what} is refused`, () => {
      const text = (part: '' | 'cert' | 'key') => (part === '' ? '' : pair[part]);
      const result = check({ cert: text(cert), key: text(key) });
      assert.match('message' in result ? result.message : '', message);
    });
  }

  test('whose key has a passphrase is refused with the command that takes it off', () => {
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
    });
    const result = check({ cert: pair.cert, key: privateKey });
    assert.partialDeepStrictEqual(result, { code: 'certificate-key-malformed' });
    assert.match('message' in result ? result.message : '', /without a passphrase \(openssl pkey -in old\.key/);
  });

  test('with a file that cannot be read is refused with the reason of the system', () => {
    const missing = { name: '--tls-key /k', read: { failure: 'ENOENT: no such file or directory' } };
    assert.deepEqual(checkPair({ name: '--tls-cert /c', read: { text: pair.cert } }, missing, nowMs), {
      code: 'certificate-unreadable',
      message:
        '--tls-key /k cannot be read: ENOENT: no such file or directory; put the file there, readable for this user',
    });
  });
});

test('a pair that OpenSSL finds too weak is refused before it is served', async () => {
  assert.partialDeepStrictEqual(check(await makePair({ ...times, isWeak: true })), { code: 'certificate-refused' });
});
