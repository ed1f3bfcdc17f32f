/** Behaviour: serving certificates in a cluster. */
import type { BehaviourSection } from './row.ts';

export const certificates: BehaviourSection = {
  title: 'Certificates in the cluster',
  rows: [
    {
      id: 'own-ca',
      since: 'ours',
      what: 'By default the webhook makes a CA and a leaf, keeps them in Secret `--tls-secret` and sets the caBundle of its registration. Replicas agree without a leader; rotation overlaps.',
      tests: [
        'server/io/tls/own-ca-source: makes a CA and a leaf, tells the API server, and serves, all within the start',
        'server/io/tls/own-ca-source: replicas that start together agree on one pair',
        'server/io/tls/own-ca-source: rotates leaf and CA so that the API server trusts every replica at every moment',
        'cluster/install: a wiped caBundle is put back',
        'cluster/under-load: no pod is lost while CA and certificate are renewed, twice since the start',
      ],
    },
    {
      id: 'certificate-signing-request',
      since: '2019',
      what: 'With `--csr-signer`: a CertificateSigningRequest for the DNS names of the Service, which waits for approval; certificate and key are kept in Secret `--tls-secret`, reused after a restart, and renewed in the same way. `make cluster-up` approves it.',
      tests: [
        'cluster/certificates: with a signer, cluster-up approves the request and the certificate outlives a restart',
        'server/io/tls/csr-source: asks the signer for the names of the Service, and says how to approve',
        'server/io/tls/csr-source: uses what is kept after a restart, and leaves a caBundle alone that verifies it',
        'server/io/tls/csr-source: renews when two thirds are over, and serves the old pair until the new one is signed',
        'scripts/manifests: only open requests of the webhook itself to its signer are approved',
        'charts/rbac: with signing requests it may make such requests as well, and approve none',
      ],
    },
    {
      id: 'certificate-of-somebody-else',
      since: 'today',
      what: 'From cert-manager, or in any Secret: mounted, given by `--tls-cert` and `--tls-key`, followed for changes.',
      tests: [
        'cluster/certificates: with a Secret of somebody else, pods wait for it and then serve its certificate',
        'charts/cert-manager: the certificate is for the names of the Service, in the Secret that the pods mount',
        "charts/registration: cert-manager's injector finds the certificate by the annotation",
      ],
    },
  ],
};
