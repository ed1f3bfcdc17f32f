/** IO: reads the CAs in a text of PEM blocks, and finds who signed a certificate. Trusts and keeps nothing. */
import { X509Certificate } from 'node:crypto';
import { skewMs } from './self-signed.ts';

/** A CA, as far as decisions about it go. */
export interface Authority {
  /** One PEM block, as Node writes it; tells CAs apart. */
  readonly pem: string;
  /** When it was made: the skew after its validity begins. Milliseconds since 1970. */
  readonly madeMs: number;
  /** Milliseconds since 1970. */
  readonly endMs: number;
}

/** What a bundle of CAs holds. */
export interface Bundle {
  readonly authorities: readonly Authority[];
  /** Whether there was anything else: text, blocks that cannot be parsed, a CA twice. */
  readonly hasOther: boolean;
}

/** Returns the CAs of the text, in its order. */
export function readBundle(text: string): Bundle {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const found = new Map<string, Authority>();
  for (const block of blocks) {
    const authority = tryReadAuthority(block);
    if (authority) found.set(authority.pem, authority);
  }
  const authorities = [...found.values()];
  return { authorities, hasOther: bundleText(authorities).trim() !== text.trim() };
}

/** Returns the text of a bundle. */
export function bundleText(authorities: readonly Authority[]): string {
  return authorities.map(({ pem }) => pem).join('');
}

/** Returns the PEM of the CA that signed the certificate; undefined: none of these. */
export function tryFindIssuer(certificate: X509Certificate, authorities: readonly Authority[]): string | undefined {
  return authorities.find(({ pem }) => {
    const authority = new X509Certificate(pem);
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  })?.pem;
}

/** Returns the PEM of the CA that verifies a chain, leaf first; undefined: none of these. */
export function tryFindRoot(chain: string, authorities: readonly Authority[]): string | undefined {
  const [leaf, ...others] = readBundle(chain).authorities;
  let pem = leaf?.pem;
  // each certificate of the chain is used once at most, so a circle ends
  for (let left = others.length; pem !== undefined && left >= 0; left--) {
    const root = tryFindIssuer(new X509Certificate(pem), authorities);
    if (root !== undefined) return root;
    pem = tryFindIssuer(new X509Certificate(pem), others);
  }
  return undefined;
}

function tryReadAuthority(block: string): Authority | undefined {
  try {
    const certificate = new X509Certificate(block);
    const { validFromDate, validToDate } = certificate;
    return {
      pem: certificate.toString(),
      madeMs: validFromDate.getTime() + skewMs,
      endMs: validToDate.getTime(),
    };
  } catch {
    // told by the block's absence: what cannot be parsed is trusted by nobody
    return undefined;
  }
}
