/** Test cluster: etcd, the API server and the controller manager. Runs no pods. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority, createTokenKey, issueCertificate, writeKubeconfig } from './certificates.ts';
import { addresses, apiServerUrl, names, tokenIssuer } from './layout.ts';
import { end, isRunning, recorded, run, type Started, startInside, waitFor } from './processes.ts';

/** Who signs in, with the groups they are in. The kubeconfig of `admin` is the cluster's, the others are for the parts. */
const users: readonly { readonly file: string; readonly user: string; readonly groups: string }[] = [
  { file: 'kubeconfig', user: 'admin', groups: 'system:masters' },
  { file: 'pki/controller-manager.conf', user: 'system:kube-controller-manager', groups: '' },
  { file: 'pki/scheduler.conf', user: 'system:kube-scheduler', groups: '' },
  { file: 'pki/proxy.conf', user: 'system:kube-proxy', groups: '' },
  { file: 'pki/kubelet.conf', user: `system:node:${names.node}`, groups: 'system:nodes' },
];

const etcdUrl = 'http://127.0.0.1:2379';
const startLimitMs = 90_000;

/** Where the control plane's files and programs are. */
export interface ControlPlaneOptions {
  readonly state: string;
  readonly programs: string;
  /** Arguments for kube-apiserver after its own. */
  readonly apiServerArgs: readonly string[];
}

/** Makes certificates, tokens and kubeconfigs. */
export async function createCredentials(state: string): Promise<void> {
  const pki = join(state, 'pki');
  const { apiServer, firstService } = addresses;
  await Promise.all([createTokenKey(pki), createAuthority(pki)]);
  const subjects = [apiServer, firstService, '127.0.0.1'].map((address) => `IP:${address}`);
  await issueCertificate(pki, 'api', [...subjects, 'DNS:localhost', 'DNS:kubernetes.default.svc']);
  const signedIn = users.map((row) => ({ ...row, token: randomBytes(24).toString('hex') }));
  const rows = signedIn.map((row, at) => `${row.token},${row.user},${at + 1},"${row.groups}"`);
  await writeFile(join(pki, 'tokens.csv'), `${rows.join('\n')}\n`, { mode: 0o600 });
  const authority = await readFile(join(pki, 'ca.crt'), 'utf8');
  for (const { file, token } of signedIn) {
    await writeKubeconfig({ path: join(state, file), server: apiServerUrl, authority, token });
  }
}

/** Starts all three and waits until pods can be created: until the first namespace has its service account. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<void> {
  const { state, programs } = options;
  const listen = ['--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl];
  const peers = ['--listen-peer-urls', 'http://127.0.0.1:2380', '--unsafe-no-fsync', '--log-level', 'warn'];
  startInside(state, 'etcd', [join(programs, 'etcd'), '--data-dir', join(state, 'etcd'), ...listen, ...peers]);
  await startApiServer(options);
  const manager = startInside(state, 'kube-controller-manager', controllerManager(programs));
  const account = ['get', 'serviceaccount', 'default'];
  await waitFor('the default service account', () => succeeds(options, account), { state, process: manager });
}

/** Starts the API server alone and waits until it is ready. */
export async function startApiServer(options: ControlPlaneOptions): Promise<void> {
  const { state, programs, apiServerArgs } = options;
  const command = [join(programs, 'kube-apiserver'), ...apiServerFlags(), ...apiServerArgs];
  const process = startInside(state, 'kube-apiserver', command);
  const ready = ['get', '--raw', '/readyz'];
  await waitFor('kube-apiserver', () => succeeds(options, ready), { state, process, limitMs: startLimitMs });
}

/** Ends the API server; etcd keeps what it knew. Its own wait for open watches is cut short. */
export async function stopApiServer(state: string): Promise<void> {
  for (const process of runningApiServers(state)) await end(process, 1000);
}

function runningApiServers(state: string): readonly Started[] {
  return recorded(state).filter((process) => process.name === 'kube-apiserver' && isRunning(process));
}

/** Paths are relative to the state folder, where every process of the cluster runs. */
function apiServerFlags(): readonly string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    `--advertise-address=${addresses.apiServer}`,
    `--secure-port=${addresses.apiPort}`,
    '--tls-cert-file=pki/api.crt',
    '--tls-private-key-file=pki/api.key',
    '--token-auth-file=pki/tokens.csv',
    '--authorization-mode=Node,RBAC',
    `--service-account-issuer=${tokenIssuer}`,
    '--service-account-signing-key-file=pki/tokens.key',
    '--service-account-key-file=pki/tokens.key',
    `--service-cluster-ip-range=${addresses.services}`,
    '--allow-privileged',
    '--kubelet-preferred-address-types=InternalIP',
    '--cert-dir=pki',
  ];
}

function controllerManager(programs: string): readonly string[] {
  return [
    join(programs, 'kube-controller-manager'),
    '--kubeconfig=pki/controller-manager.conf',
    '--use-service-account-credentials',
    '--leader-elect=false',
    '--root-ca-file=pki/ca.crt',
    '--service-account-private-key-file=pki/tokens.key',
    '--cluster-signing-cert-file=pki/ca.crt',
    '--cluster-signing-key-file=pki/ca.key',
    '--allocate-node-cidrs=false',
    `--cluster-cidr=${addresses.pods}`,
    '--cert-dir=pki',
  ];
}

async function succeeds(options: ControlPlaneOptions, args: readonly string[]): Promise<boolean> {
  const kubeconfig = `--kubeconfig=${join(options.state, 'kubeconfig')}`;
  const kubectl = run(join(options.programs, 'kubectl'), [kubeconfig, '--request-timeout=5s', ...args]);
  return kubectl.then(
    () => true,
    () => false,
  );
}
