/** Test cluster: checks a service account token as AWS STS does: by the issuer's published keys alone. Calls nobody. */
import { createPublicKey, verify, type webcrypto } from 'node:crypto';

/** The keys of an issuer, as published at /openid/v1/jwks. */
export interface KeySet {
  readonly keys: readonly (webcrypto.JsonWebKey & { readonly kid?: string })[];
}

/** What a token must say. */
export interface Expected {
  readonly issuer: string;
  readonly audience: string;
  readonly subject: string;
  /** Seconds since 1970. */
  readonly nowSeconds: number;
}

/** What a token says. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly iat: number;
  readonly exp: number;
}

/** Returns the token's claims. @throws when STS would refuse it, with the reason */
export function verifyToken(token: string, keySet: KeySet, expected: Expected): Claims {
  const [head = '', body = '', signature = ''] = token.split('.');
  const header = decode(head) as { readonly alg: string; readonly kid: string };
  if (header.alg !== 'RS256') throw new Error(`algorithm ${header.alg}, not RS256`);
  const key = keySet.keys.find((candidate) => candidate.kid === header.kid);
  if (!key) throw new Error(`key ${header.kid} is not published`);
  const publicKey = createPublicKey({ key, format: 'jwk' });
  if (!verify('sha256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url'))) {
    throw new Error('wrong signature');
  }
  const claims = decode(body) as Claims;
  check(claims, expected);
  return claims;
}

function check(claims: Claims, expected: Expected): void {
  const audiences = [claims.aud].flat();
  if (claims.iss !== expected.issuer) throw new Error(`issuer ${claims.iss}, not ${expected.issuer}`);
  if (!audiences.includes(expected.audience)) throw new Error(`audience ${audiences}, not ${expected.audience}`);
  if (claims.sub !== expected.subject) throw new Error(`subject ${claims.sub}, not ${expected.subject}`);
  if (claims.exp <= expected.nowSeconds) throw new Error(`expired at ${claims.exp}`);
}

function decode(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}
