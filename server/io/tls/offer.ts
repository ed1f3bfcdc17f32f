/** IO: what TLS versions and cipher suites are offered, from the flags, in OpenSSL's words. Opens nothing. */
import { DEFAULT_CIPHERS, getCiphers, type SecureVersion } from 'node:tls';
import type { Config } from '../../../contract/flags.ts';

/** What `node:tls` is told. */
export interface TlsOffer {
  readonly minVersion: SecureVersion;
  readonly ciphers: string;
  /** Whose client certificates are trusted: nobody's. Absent, Node would read all of the web's root certificates. */
  readonly ca: [];
}

/** A cipher suite that this build of OpenSSL does not have. */
export interface OfferFault {
  readonly code: 'cipher-suite-unknown';
  readonly message: string;
}

const versions: Readonly<Record<string, SecureVersion>> = {
  '10': 'TLSv1',
  '11': 'TLSv1.1',
  '12': 'TLSv1.2',
  '13': 'TLSv1.3',
};

/** Returns what is offered, or which suite is not known. */
export function tlsOffer({
  tlsMinVersion,
  tlsCipherSuites,
}: Pick<Config, 'tlsMinVersion' | 'tlsCipherSuites'>): TlsOffer | OfferFault {
  const minVersion = versions[tlsMinVersion.replace(/\D/g, '')] ?? 'TLSv1.2';
  const suites = tlsCipherSuites.map(opensslName);
  const unknown = tlsCipherSuites.find((_, i) => !isKnown(suites[i] ?? ''));
  if (unknown !== undefined) {
    return {
      code: 'cipher-suite-unknown',
      message: `--tls-cipher-suites: ${JSON.stringify(unknown)} is not known: give names of Go or IANA such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`,
    };
  }
  // OpenSSL has the versions before 1.2 only at its lowest security level
  const level = minVersion === 'TLSv1' || minVersion === 'TLSv1.1' ? ':@SECLEVEL=0' : '';
  const ciphers = suites.length > 0 ? [...always, ...suites].join(':') : DEFAULT_CIPHERS;
  return { minVersion, ciphers: ciphers + level, ca: [] };
}

/** TLS 1.3 has no weak suite to turn off, and Go cannot turn them off either. */
const always = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

function isKnown(suite: string): boolean {
  return getCiphers().includes(suite.toLowerCase());
}

/**
 * Returns OpenSSL's name of a suite: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 is ECDHE-RSA-AES128-GCM-SHA256 there.
 * @see https://docs.openssl.org/3.5/man1/openssl-ciphers/#cipher-suite-names
 */
function opensslName(name: string): string {
  const upper = name.trim().toUpperCase();
  if (!upper.includes('_WITH_')) return upper;
  return upper
    .replace(/^TLS_/, '')
    .replace(/^RSA_WITH_/, '')
    .replace('_WITH_', '_')
    .replace(/AES_(\d+)/, 'AES$1')
    .replace('3DES_EDE_CBC', 'DES_CBC3')
    .replace(/(AES\d+)_CBC/, '$1')
    .replace(/(CHACHA20_POLY1305)_SHA256$/, '$1')
    .replaceAll('_', '-');
}
