/** Chooses the certificate signing requests to approve. Approves none. */
import type { KubeObject } from './kubectl.ts';
import type { Installation } from './manifests.ts';

/** The parts of a CertificateSigningRequest that are looked at. */
export interface SigningRequest extends KubeObject {
  readonly spec: { readonly signerName: string; readonly username?: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string }[] };
}

/** Returns the names of the requests that the webhook itself made; the API server wrote down who made each. */
export function namesOfOurs(requests: readonly SigningRequest[], { user }: Installation): readonly string[] {
  return requests.filter(({ spec }) => spec.username === user).map(({ metadata }) => metadata.name);
}

/** Returns the names of those that wait for approval by its signer. */
export function namesToApprove(requests: readonly SigningRequest[], installation: Installation): readonly string[] {
  const signer = installation.flag('csrSigner');
  const isOpen = ({ status }: SigningRequest) => (status?.conditions ?? []).length === 0;
  return namesOfOurs(
    requests.filter((request) => isOpen(request) && request.spec.signerName === signer),
    installation,
  );
}
