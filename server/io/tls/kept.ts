/** IO: the data of the Secret that keeps CA and leaf, read and written. Talks to no API server. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ServingCertificate } from '../../ports.ts';
import { type Authority, bundleText, readBundle, tryFindIssuer } from './authorities.ts';
import { checkPair, type PairFault } from './pair.ts';
import { skewMs } from './self-signed.ts';

/** A serving certificate that is kept. */
export interface Leaf {
  readonly pair: ServingCertificate;
  /** Milliseconds since 1970, as `endMs`. */
  readonly madeMs: number;
  readonly endMs: number;
  /** PEM of the CA that signed it. */
  readonly issuer: string;
}

/** What the Secret keeps. */
export interface Kept {
  /** The CAs to be trusted, newest first; at least one. */
  readonly authorities: readonly [Authority, ...Authority[]];
  /** Key of the newest CA, in PEM; absent when it is lost. */
  readonly authorityKey?: string;
  /** Absent when there is none that is for us, signed by one of the CAs, and whole. */
  readonly leaf?: Leaf;
  /** Why there is no leaf. */
  readonly fault?: PairFault;
}

/** Values of a Secret by key, in base64. */
export type SecretData = Readonly<Record<string, string>>;

/** The keys: those of `kubernetes.io/tls`, with cert-manager's `ca.crt`, and the key of its first certificate. */
const keys = { leaf: 'tls.crt', leafKey: 'tls.key', authorities: 'ca.crt', authorityKey: 'ca.key' } as const;

/**
 * Returns what the data keeps; undefined: nothing that is of use.
 * @param dnsName that the leaf must be for
 */
export function tryReadKept(data: SecretData, dnsName: string): Kept | undefined {
  const [newest, ...older] = [...readBundle(textOf(data, keys.authorities)).authorities].sort(
    (a, b) => b.madeMs - a.madeMs,
  );
  if (newest === undefined) return undefined;
  const authorityKey = textOf(data, keys.authorityKey);
  const authorities = [newest, ...older] as const;
  return {
    authorities,
    ...(isKeyOf(newest, authorityKey) && { authorityKey }),
    ...readLeaf(data, { authorities, dnsName }),
  };
}

/** What is to be kept; the CAs newest first. */
export interface KeptParts {
  readonly authorities: readonly Authority[];
  readonly authorityKey: string;
  readonly pair: Pick<ServingCertificate, 'cert' | 'key'> | undefined;
}

/** Returns the data that keeps this. */
export function keptData({ authorities, authorityKey, pair }: KeptParts): SecretData {
  return encodeData({
    [keys.leaf]: pair?.cert ?? '',
    [keys.leafKey]: pair?.key ?? '',
    [keys.authorities]: bundleText(authorities),
    [keys.authorityKey]: authorityKey,
  });
}

/** Returns the data of a pair alone. */
export function pairData({ cert, key }: Pick<ServingCertificate, 'cert' | 'key'>): SecretData {
  return encodeData({ [keys.leaf]: cert, [keys.leafKey]: key });
}

/** Returns the pair in the data, whoever signed it and whether or not its time is over; else what is wrong with it. */
export function readPair(data: SecretData, dnsName: string): (ServingCertificate & { madeMs: number }) | PairFault {
  const cert = { name: keys.leaf, read: { text: textOf(data, keys.leaf) } };
  const key = { name: keys.leafKey, read: { text: textOf(data, keys.leafKey) } };
  const beginMs = tryParse(cert.read.text)?.validFromDate.getTime() ?? 0;
  const pair = checkPair(cert, key, beginMs);
  if ('code' in pair) return pair;
  if (tryParse(pair.cert)?.checkHost(dnsName) !== undefined) return { ...pair, madeMs: beginMs + skewMs };
  return { code: 'certificate-refused', message: `${keys.leaf} is not for ${dnsName}` };
}

interface LeafOptions {
  readonly authorities: readonly Authority[];
  readonly dnsName: string;
}

function readLeaf(data: SecretData, { authorities, dnsName }: LeafOptions): Pick<Kept, 'leaf' | 'fault'> {
  const pair = readPair(data, dnsName);
  if ('code' in pair) return { fault: pair };
  const { cert, key, notAfterMs, madeMs } = pair;
  const issuer = tryFindIssuer(new X509Certificate(cert), authorities);
  if (issuer !== undefined) return { leaf: { pair: { cert, key, notAfterMs }, madeMs, endMs: notAfterMs, issuer } };
  const message = `${keys.leaf} is signed by no certificate in ${keys.authorities}`;
  return { fault: { code: 'certificate-refused', message } };
}

function isKeyOf({ pem }: Authority, key: string): boolean {
  try {
    return new X509Certificate(pem).checkPrivateKey(createPrivateKey(key));
  } catch {
    // no key at all is the wrong key too
    return false;
  }
}

function tryParse(cert: string): X509Certificate | undefined {
  try {
    return new X509Certificate(cert);
  } catch {
    // what is wrong with it is told by the check of the pair
    return undefined;
  }
}

/** Returns the text of a key; empty when it is absent. */
export function textOf(data: SecretData, key: string): string {
  return Buffer.from(data[key] ?? '', 'base64').toString();
}

/** Returns the data that has these texts. */
export function encodeData(texts: Readonly<Record<string, string>>): SecretData {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
}
