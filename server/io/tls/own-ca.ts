/** IO: makes a CA and the leaves that it signs. Keeps and publishes nothing. */
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto';
import { skewMs } from './self-signed.ts';
import { loadX509 } from './x509.ts';

/** A certificate and its key, in PEM. */
export interface MadePair {
  readonly cert: string;
  readonly key: string;
}

/** When a CA is made, and for how long. */
export interface AuthorityOptions {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** How long from now it is valid, in milliseconds. */
  readonly durationMs: number;
}

/** What a leaf is for, and who signs it. */
export interface LeafOptions extends AuthorityOptions {
  readonly dnsNames: readonly string[];
  readonly authority: MadePair;
}

/** What every API server can verify, with keys that are made in a millisecond. */
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const subject = 'CN=pod-identity-webhook CA';

/** Returns a new CA. Serial numbers, here and below, are the package's: 16 random bytes. */
export async function makeAuthority({ nowMs, durationMs }: AuthorityOptions): Promise<MadePair> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject,
    notBefore: new Date(nowMs - skewMs),
    notAfter: new Date(nowMs + durationMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${certificate.toString('pem')}\n`, key: pemOf(keys.privateKey) };
}

/** Returns a leaf with a key of its own; it ends with its CA at the latest. */
export async function makeLeaf({ nowMs, durationMs, dnsNames, authority }: LeafOptions): Promise<MadePair> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.cert);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${dnsNames[1] ?? dnsNames[0]}`,
    issuer: issuer.subject,
    notBefore: new Date(nowMs - skewMs),
    notAfter: new Date(Math.min(nowMs + durationMs, issuer.notAfter.getTime())),
    publicKey: keys.publicKey,
    signingKey: createPrivateKey(authority.key).toCryptoKey(algorithm, false, ['sign']),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: 'dns', value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { cert: `${certificate.toString('pem')}\n`, key: pemOf(keys.privateKey) };
}

function pemOf(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}
