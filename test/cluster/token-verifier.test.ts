import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { verifyToken } from './token-verifier.ts';

const issued = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keySet = { keys: [{ ...issued.publicKey.export({ format: 'jwk' }), kid: 'k' }] };
const expected = { issuer: 'i', audience: 'a', subject: 's', nowSeconds: 100 };
const claims = { iss: 'i', aud: ['a', 'b'], sub: 's', iat: 0, exp: 101 };

function tokenOf(changes: object, header: object = {}, key: KeyObject = issued.privateKey): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', kid: 'k', ...header })}.${part({ ...claims, ...changes })}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

test('accepts a token that says what is expected', () => {
  assert.deepEqual(verifyToken(tokenOf({}), keySet, expected), claims);
});

for (const [what, token, reason] of [
  ['another issuer', tokenOf({ iss: 'j' }), /issuer j, not i/],
  ['another audience', tokenOf({ aud: 'c' }), /audience c, not a/],
  ['another subject', tokenOf({ sub: 't' }), /subject t, not s/],
  ['an end that has come', tokenOf({ exp: 100 }), /expired at 100/],
  ['another algorithm', tokenOf({}, { alg: 'none' }), /algorithm none, not RS256/],
  ['a key that is not published', tokenOf({}, { kid: 'l' }), /key l is not published/],
  ["another issuer's signature", tokenOf({}, {}, other.privateKey), /wrong signature/],
] as const) {
  test(`refuses a token with ${what}`, () => assert.throws(() => verifyToken(token, keySet, expected), reason));
}
