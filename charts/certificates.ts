/** Charts: where the serving certificate comes from, and the flags that say so to the webhook. Renders nothing. */
import type { DurationValue } from '../contract/flag-types.ts';
import type { FlagProps } from '../contract/flags.ts';

/** A CA that the webhook makes for itself. */
export interface OwnCaOptions {
  /**
   * The lifetime of the CA.
   * @default 87600h, ten years
   */
  readonly caDuration?: DurationValue;
  /**
   * The lifetime of the serving certificates.
   * @default 2160h, ninety days
   */
  readonly leafDuration?: DurationValue;
}

/** A signer of the cluster, asked by a CertificateSigningRequest that somebody must approve. */
export interface SigningRequestOptions {
  /** The signer's name, as `beta.eks.amazonaws.com/app-serving` on EKS. */
  readonly signer: string;
  /**
   * The signer's CA in PEM, for the API server.
   * @default - none is rendered; the webhook fills in the cluster's CA
   */
  readonly caBundle?: string;
}

/** An issuer of cert-manager. */
export interface CertManagerIssuer {
  readonly name: string;
  /** @default "Issuer" */
  readonly kind?: 'Issuer' | 'ClusterIssuer';
  /**
   * The API group, for an issuer that is not cert-manager's own.
   * @default "cert-manager.io"
   */
  readonly group?: string;
}

/** A certificate of cert-manager, which must be installed. */
export interface CertManagerOptions {
  /**
   * Who signs it.
   * @default - a CA in the webhook's namespace, made for it
   */
  readonly issuer?: CertManagerIssuer;
  /**
   * The lifetime of the certificate, at least an hour.
   * @default 2160h, ninety days
   */
  readonly duration?: DurationValue;
}

/** A Secret that somebody else keeps. */
export interface SecretOptions {
  /** The name of a Secret of type kubernetes.io/tls in the webhook's namespace. */
  readonly name: string;
  /**
   * The CA of the certificate in PEM, for the API server.
   * @default - none is rendered: only with `url` and a CA that the API server's machine trusts, or with an annotation
   * `cert-manager.io/inject-ca-from` or `cert-manager.io/inject-ca-from-secret`, by which cert-manager fills it in
   */
  readonly caBundle?: string;
}

/**
 * Where the serving certificate comes from.
 * @see docs/architecture.md
 */
export type Certificates =
  | ({ readonly kind: 'own-ca' } & OwnCaOptions)
  | ({ readonly kind: 'signing-request' } & SigningRequestOptions)
  | ({ readonly kind: 'cert-manager' } & CertManagerOptions)
  | ({ readonly kind: 'secret' } & SecretOptions);

/** The four places where a serving certificate comes from. */
export const Certificates = {
  /** Returns: the webhook makes a CA for itself and keeps the registration's caBundle. Needs nobody else. */
  ownCa: (options: OwnCaOptions = {}): Certificates => ({ kind: 'own-ca', ...options }),
  /** Returns: the webhook asks a signer of the cluster, and somebody approves it. */
  signingRequest: (options: SigningRequestOptions): Certificates => ({ kind: 'signing-request', ...options }),
  /** Returns: cert-manager makes it, and its CA injector keeps the registration's caBundle. */
  certManager: (options: CertManagerOptions = {}): Certificates => ({ kind: 'cert-manager', ...options }),
  /** Returns: it is in a Secret that somebody else keeps. */
  secret: (options: SecretOptions): Certificates => ({ kind: 'secret', ...options }),
} as const;

/** The folder in the container where a Secret with the certificate is mounted. */
export const certificateFolder = '/etc/webhook/certs';

const mounted = { tlsCert: `${certificateFolder}/tls.crt`, tlsKey: `${certificateFolder}/tls.key` };

/** Returns the flags by which the webhook learns of its certificate. */
export function certificateFlags(certificates: Certificates): FlagProps {
  switch (certificates.kind) {
    case 'own-ca': {
      const { kind, ...durations } = certificates;
      return durations;
    }
    case 'signing-request':
      return { csrSigner: certificates.signer };
    case 'cert-manager':
      return mounted;
    case 'secret':
      return { ...mounted, tlsSecret: certificates.name };
  }
}

/** Returns the CA that is known already, in PEM. */
export function knownCaBundle(certificates: Certificates | undefined): string | undefined {
  return certificates && 'caBundle' in certificates ? certificates.caBundle : undefined;
}
