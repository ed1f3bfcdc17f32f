/** IO: a CertificateSigningRequest, made and judged. Sends nothing. */
import { createHash, createPrivateKey, createPublicKey, KeyObject, webcrypto } from 'node:crypto';
import { isObject } from '../../core/json.ts';
import type { KubeObject } from '../kube/watch-event.ts';
import { loadX509 } from './x509.ts';

/** What is asked for. */
export interface SigningRequestOptions {
  readonly name: string;
  /** `--csr-signer`. */
  readonly signer: string;
  /** The first one is the certificate's subject. */
  readonly dnsNames: readonly [string, ...string[]];
  /** Private key in PEM. */
  readonly key: string;
}

/** How far a request is. */
export type RequestState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'approved' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'issued'; readonly cert: string };

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Returns a new private key, in PEM. */
export async function makeRequestKey(): Promise<string> {
  const { privateKey } = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Returns the name of the request for a key: the same on every replica, so that they share one; undefined: it is no key. */
export function tryNameRequest(key: string, prefix: string): string | undefined {
  try {
    const der = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
    return `${prefix}-${createHash('sha256').update(der).digest('hex').slice(0, 12)}`;
  } catch {
    // whoever asks makes a new key
    return undefined;
  }
}

/**
 * Returns the object to create. Subject and usages are those that the signer of EKS demands and others accept.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/cert-signing.html
 * @see https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
 */
export async function makeSigningRequest({ name, signer, dnsNames, key }: SigningRequestOptions): Promise<object> {
  const x509 = await loadX509();
  const privateKey = createPrivateKey(key);
  const publicKey = createPublicKey(privateKey);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `O=system:nodes,CN=system:node:${dnsNames[0]}`,
    keys: {
      privateKey: privateKey.toCryptoKey(algorithm, false, ['sign']),
      publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
    },
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: 'dns', value })))],
  });
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'pod-identity-webhook' } },
    spec: {
      request: Buffer.from(`${request.toString('pem')}\n`).toString('base64'),
      signerName: signer,
      usages: ['digital signature', 'key encipherment', 'server auth'],
    },
  };
}

/** Returns how far the request is. */
export function stateOfRequest({ status }: KubeObject): RequestState {
  const { conditions = [], certificate } = (isObject(status) ? status : {}) as {
    conditions?: readonly { readonly type: string; readonly reason?: string; readonly message?: string }[];
    certificate?: string;
  };
  const refused = conditions.find(({ type }) => type === 'Denied' || type === 'Failed');
  if (refused) {
    const { type, reason = 'no reason given', message } = refused;
    return { kind: 'refused', reason: `${type}: ${message || reason}` };
  }
  if (certificate) return { kind: 'issued', cert: Buffer.from(certificate, 'base64').toString() };
  return { kind: conditions.some(({ type }) => type === 'Approved') ? 'approved' : 'pending' };
}
