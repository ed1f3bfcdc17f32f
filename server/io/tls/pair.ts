/** IO: judges a certificate and its key, in PEM. Reads no files and keeps nothing. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ServingCertificate } from '../../ports.ts';
import type { FileRead } from '../followed-file.ts';
import { messageOf } from '../system-error.ts';

/** Why a pair can not be served; the message names the file, what is wrong with it, and the way out. */
export interface PairFault {
  readonly code:
    | 'certificate-unreadable'
    | 'certificate-malformed'
    | 'certificate-key-malformed'
    | 'certificate-key-mismatch'
    | 'certificate-not-yet-valid'
    | 'certificate-expired'
    | 'certificate-refused';
  readonly message: string;
}

/** A file as it was read, with what to call it in a fault: `--tls-cert /etc/webhook/certs/tls.crt`. */
export interface NamedRead {
  readonly name: string;
  readonly read: FileRead;
}

/**
 * Returns the pair when a client could accept it now, else the first thing that is wrong with it.
 * @param nowMs milliseconds since 1970
 */
export function checkPair(cert: NamedRead, key: NamedRead, nowMs: number): ServingCertificate | PairFault {
  const leaf = readCertificate(cert);
  if ('code' in leaf) return leaf;
  const secret = readKey(key);
  if ('code' in secret) return secret;
  const fault = judgeMatch(leaf.value, secret.value, { cert, key }) ?? judgeTime(leaf.value, cert, nowMs);
  if (fault) return fault;
  const pair = { cert: leaf.text, key: secret.text, notAfterMs: leaf.value.validToDate.getTime() };
  return tryServe(pair, cert) ?? pair;
}

interface Parsed<T> {
  readonly text: string;
  readonly value: T;
}

function readCertificate({ name, read }: NamedRead): Parsed<X509Certificate> | PairFault {
  if ('failure' in read) return unreadable(name, read.failure);
  const code = 'certificate-malformed';
  if (!/-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----/.test(read.text)) {
    return {
      code,
      message: `${name} holds no PEM block "CERTIFICATE"; put the certificate chain there in PEM, leaf first`,
    };
  }
  try {
    return { text: read.text, value: new X509Certificate(read.text) };
  } catch (error) {
    return { code, message: `${name} holds a certificate that cannot be parsed (${messageOf(error)}); write it again` };
  }
}

function readKey({ name, read }: NamedRead): Parsed<KeyObject> | PairFault {
  if ('failure' in read) return unreadable(name, read.failure);
  const code = 'certificate-key-malformed';
  if (!/-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/.test(read.text)) {
    return {
      code,
      message: `${name} holds no PEM block "PRIVATE KEY"; put the certificate's private key there in PEM`,
    };
  }
  try {
    return { text: read.text, value: createPrivateKey(read.text) };
  } catch (error) {
    const wayOut = 'write it again, without a passphrase (openssl pkey -in old.key -out new.key)';
    return { code, message: `${name} holds a key that cannot be parsed (${messageOf(error)}); ${wayOut}` };
  }
}

function unreadable(name: string, failure: string): PairFault {
  const message = `${name} cannot be read: ${failure}; put the file there, readable for this user`;
  return { code: 'certificate-unreadable', message };
}

function judgeMatch(leaf: X509Certificate, secret: KeyObject, files: { cert: NamedRead; key: NamedRead }) {
  if (leaf.checkPrivateKey(secret)) return undefined;
  const { cert, key } = files;
  const wayOut = 'replace both, and put the leaf first when the file holds a chain';
  const message = `${key.name} is not the key of the first certificate in ${cert.name}; ${wayOut}`;
  return { code: 'certificate-key-mismatch', message } as const;
}

function judgeTime(leaf: X509Certificate, { name }: NamedRead, nowMs: number): PairFault | undefined {
  if (nowMs >= leaf.validToDate.getTime()) {
    const message = `${name} expired at ${leaf.validToDate.toISOString()}; replace certificate and key`;
    return { code: 'certificate-expired', message };
  }
  if (nowMs < leaf.validFromDate.getTime()) {
    const message = `${name} is not valid before ${leaf.validFromDate.toISOString()}; wait, or set this machine's clock`;
    return { code: 'certificate-not-yet-valid', message };
  }
  return undefined;
}

/** What TLS itself refuses, such as a key too short for this OpenSSL, must not surface when the pair is put to use. */
function tryServe({ cert, key }: ServingCertificate, { name }: NamedRead): PairFault | undefined {
  try {
    // as in offer.ts: without root certificates, which take 5 ms to read
    createSecureContext({ cert, key, ca: [] });
    return undefined;
  } catch (error) {
    const message = `${name} cannot be served over TLS (${messageOf(error)}); replace certificate and key`;
    return { code: 'certificate-refused', message };
  }
}
