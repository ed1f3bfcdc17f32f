/** Test support: self-signed pairs with any validity. Not how the server makes its own. */
import { KeyObject, webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadX509 } from '../../server/io/tls/x509.ts';

export interface PairOptions {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** DNS names and addresses; `localhost` when absent. */
  readonly names?: readonly string[];
  readonly isCa?: boolean;
  /** RSA with 1024 bits, which OpenSSL refuses to serve. */
  readonly isWeak?: boolean;
}

/** Elliptic curve: made in a millisecond. */
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const weakRsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 1024,
};

/** A certificate and its key in PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Returns a pair for `localhost` that is valid now, for an hour. */
export function makeValidPair(): Promise<Pair> {
  const hourMs = 3_600_000;
  return makePair({ notBeforeMs: Date.now() - hourMs, notAfterMs: Date.now() + hourMs });
}

/** Writes such a pair into the folder and returns the flags by which the webhook serves it. */
export async function putValidPair(folder: string): Promise<readonly string[]> {
  const pair = await makeValidPair();
  return (['cert', 'key'] as const).map((part) => {
    const path = join(folder, `${part}.pem`);
    writeFileSync(path, pair[part], { mode: 0o600 });
    return `--tls-${part}=${path}`;
  });
}

/** Returns a pair. */
export async function makePair(options: PairOptions): Promise<Pair> {
  const { notBeforeMs, notAfterMs, names = ['localhost'], isCa = true, isWeak = false } = options;
  const algorithm = isWeak ? weakRsa : ecdsa;
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const altNames = names.map((value) => ({
    type: /^[\d.:]+$/.test(value) ? ('ip' as const) : ('dns' as const),
    value,
  }));
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(notAfterMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension(altNames),
      new x509.BasicConstraintsExtension(isCa, undefined, true),
    ],
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { cert: `${certificate.toString('pem')}\n`, key };
}
