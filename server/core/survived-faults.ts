/** Core: the catalogue of what may go wrong while the webhook runs without ending it. docs/faults.md is rendered from it. */

/** What happened and what goes on, by code: the label of `pod_identity_webhook_faults_total`, and in most cases the `code` of a log line. */
export const survivedFaults = {
  INTERNAL: 'A request failed by a bug of the webhook. It got status 500; the log says where.',
  RESPONSE: 'A reply could not be written: the caller was gone.',
  'connection-cut':
    'There were more connections than `--max-connections`. The one that had asked nothing for longest was ended.',
  uncaughtException: 'A bug of the webhook outside of any request. The log says where.',
  unhandledRejection: 'A bug of the webhook in something that nobody waited for. The log says where.',
  'watch-handler-failed': 'An event of the API server could not be taken in. The next ones are.',
  'certificate-unreadable': 'The file of the certificate or its key cannot be read. The last good pair is served.',
  'certificate-malformed': 'The file of the certificate is no certificate in PEM. The last good pair is served.',
  'certificate-key-malformed': 'The file of the key is no private key in PEM. The last good pair is served.',
  'certificate-key-mismatch': 'Certificate and key do not belong together. The last good pair is served.',
  'certificate-not-yet-valid': 'The validity of the certificate has not begun. The last good pair is served.',
  'certificate-expired': 'The validity of the certificate is over. The last good pair is served.',
  'certificate-refused': 'OpenSSL refuses to serve the pair, as with too short a key. The last good pair is served.',
  'certificate-not-used': 'The new pair is good and could not be put to use. The last good pair is served.',
  'certificate-not-renewed': 'The self-signed certificate is due and could not be made anew. It is tried again.',
  'certificate-secret-foreign': 'The Secret of `--tls-secret` is not ours. It is left alone, and not used.',
  'certificate-secret-torn':
    'The Secret holds no certificate that can be served. The last good pair is, and it is mended.',
  'certificate-secret-not-written': 'The Secret could not be created or changed. It is tried again.',
  'ca-bundle-wiped': 'Somebody has wiped the caBundle of the registration. It is set again.',
  'ca-bundle-not-set': 'The caBundle of the registration could not be set. It is tried again.',
  'ca-bundle-unknown':
    'Neither the caBundle nor the CA of the cluster verifies what the signer signed. It is not served.',
  'certificate-request-not-made': 'The CertificateSigningRequest could not be created. It is tried again.',
  'certificate-request-refused':
    'The CertificateSigningRequest was denied or has failed. Another is made after a pause.',
  'manifest-unreadable': 'A file of `--identities-from` cannot be read. What it said last counts.',
  'manifest-not-yaml': 'A manifest is not YAML. What the file said last counts, else its good manifests.',
  'manifest-bad-object': 'A manifest lacks a field or has one of the wrong type. The file counts as above.',
  'manifest-bad-annotation': 'An annotation in a manifest is no string. The file counts as above.',
  'manifest-duplicate': 'Two manifests say who a service account is. The first counts.',
  'config-map-not-json':
    'The key `config` of the ConfigMap of identities holds no JSON object. What it said last counts.',
  'config-map-bad-key': 'A key of the ConfigMap of identities is not `<namespace>/<name>`. The entry is ignored.',
  'config-map-bad-entry': 'An entry of the ConfigMap of identities is no object. It is ignored.',
  'config-map-bad-field': 'A field in the ConfigMap of identities has the wrong type. The field is ignored.',
  'credentials-file-unreadable': 'The file of container credentials cannot be read. What it said last counts.',
  'credentials-file-not-json': 'The file of container credentials holds no JSON of its form. What it said last counts.',
  'credentials-file-bad-entry': 'An entry of the file of container credentials names nobody. What it said last counts.',
  'instance-metadata-unavailable': 'EC2 instance metadata does not tell the AWS account. It is asked again.',
  'log-write-failed': 'A log file or standard error could not be written. Lines wait, and it is tried again.',
  'log-line-dropped': 'A log line was lost: too many waited to be written.',
} as const;

export type SurvivedFaultCode = keyof typeof survivedFaults;
