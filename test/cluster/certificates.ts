/** Test cluster: a certificate authority, certificates by it, and kubeconfig files. Keeps everything in one folder, in PEM. */
import { writeFile } from 'node:fs/promises';
import { run } from './processes.ts';

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];

/** Makes ca.crt and ca.key. */
export async function createAuthority(folder: string): Promise<void> {
  await openssl(folder, 'req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test cluster');
}

/**
 * Makes <name>.crt and <name>.key, a serving certificate by the folder's authority.
 * @param subjects as OpenSSL spells them: `IP:10.98.0.2`, `DNS:localhost`
 */
export async function issueCertificate(folder: string, name: string, subjects: readonly string[]): Promise<void> {
  const by = ['-x509', '-CA', 'ca.crt', '-CAkey', 'ca.key'];
  const extensions = [
    `subjectAltName=${subjects.join(',')}`,
    'basicConstraints=critical,CA:FALSE',
    'extendedKeyUsage=serverAuth',
  ].flatMap((line) => ['-addext', line]);
  const out = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
  await openssl(folder, 'req', ...by, ...newKey, ...out, '-subj', `/CN=${name}`, ...extensions);
}

/** Makes the key that signs service account tokens. RSA, for AWS STS takes RS256 alone. */
export async function createTokenKey(folder: string): Promise<void> {
  await openssl(folder, 'genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'tokens.key');
}

/** What a kubeconfig says. */
export interface KubeconfigOptions {
  readonly path: string;
  readonly server: string;
  /** The server's certificate authority in PEM; undefined: this machine's own trust. */
  readonly authority: string | undefined;
  readonly token: string;
}

/** Writes a kubeconfig that only its owner may read, with everything inside. JSON is YAML. */
export async function writeKubeconfig(options: KubeconfigOptions): Promise<void> {
  const { path, server, authority, token } = options;
  const trust = authority && { 'certificate-authority-data': Buffer.from(authority).toString('base64') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, ...trust } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  await writeFile(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
}

function openssl(folder: string, ...args: readonly string[]): Promise<string> {
  return run('openssl', args, { cwd: folder });
}
