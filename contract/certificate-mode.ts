/** Contract: where the serving certificate comes from in a cluster, by the flags that are given. Reads no files. */
import type { FlagProps } from './flags.ts';

/**
 * `files`: somebody else's, mounted (`--tls-cert` is given); `signing-request`: from a signer (`--csr-signer`);
 * `own-ca`: the webhook makes a CA of its own.
 * @see behaviour.md section 8
 */
export type CertificateMode = 'own-ca' | 'signing-request' | 'files';

/** Returns the mode; files win over a signer. */
export function certificateMode({ tlsCert, csrSigner }: FlagProps): CertificateMode {
  if (tlsCert !== undefined) return 'files';
  return csrSigner ? 'signing-request' : 'own-ca';
}
