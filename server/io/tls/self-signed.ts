/** IO: makes a self-signed certificate for `localhost`. Keeps and writes nothing. */
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import type { ServingCertificate } from '../../ports.ts';
import { loadX509, type X509 } from './x509.ts';

/** How far before now a certificate's validity begins: the API server's clock may be behind ours. Five minutes. */
export const skewMs = 5 * 60_000;

const dnsName = 'localhost';
const addresses = ['127.0.0.1', '::1'];
/** RSA 2048, as in 2019: what every TLS client takes. */
const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};

/** When a certificate is made, and for how long. */
export interface SelfSignedOptions {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** How long from now it is valid, in milliseconds. */
  readonly durationMs: number;
}

/** Returns a new key and its certificate, which is leaf and CA in one: who trusts it needs nothing else. */
export async function makeSelfSigned({ nowMs, durationMs }: SelfSignedOptions): Promise<ServingCertificate> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${dnsName}`,
    notBefore: new Date(nowMs - skewMs),
    notAfter: new Date(nowMs + durationMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: extensions(x509, await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)),
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { cert: `${certificate.toString('pem')}\n`, key, notAfterMs: certificate.notAfter.getTime() };
}

/** The serial number is the package's: 16 random bytes (RFC 5280, section 4.1.2.2, allows 20). */
function extensions(x509: X509, keyId: InstanceType<X509['SubjectKeyIdentifierExtension']>) {
  const { digitalSignature, keyEncipherment, keyCertSign } = x509.KeyUsageFlags;
  const names = [
    { type: 'dns' as const, value: dnsName },
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  return [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(digitalSignature | keyEncipherment | keyCertSign, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names),
    keyId,
  ];
}

/** Returns why this certificate can not stand in for a fresh one from here, or undefined when it can. */
export function judgeSelfSigned(cert: string, nowMs: number): string | undefined {
  const certificate = new X509Certificate(cert);
  const isSelfSigned = certificate.ca && certificate.checkIssued(certificate);
  if (!isSelfSigned) return 'it is not its own CA';
  const missing = addresses.filter((address) => certificate.checkIP(address) === undefined);
  if (certificate.checkHost(dnsName) === undefined) missing.unshift(dnsName);
  if (missing.length > 0) return `it is not for ${missing.join(', ')}`;
  return nowMs < renewAtMs(cert) ? undefined : 'less than a third of its lifetime is left';
}

/**
 * Returns when to renew, in milliseconds since 1970: a third of the lifetime before its end, which leaves time for retries.
 * The skew is no part of the lifetime: it was over when the certificate was made.
 */
export function renewAtMs(cert: string): number {
  const { validFromDate, validToDate } = new X509Certificate(cert);
  const lifetimeMs = validToDate.getTime() - validFromDate.getTime() - skewMs;
  return validToDate.getTime() - Math.max(0, lifetimeMs) / 3;
}
