/** Test cluster: the names, addresses and folders its parts agree on. Starts nothing. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The Kubernetes release that is compiled; its staging modules are v0.<minor>.<patch>. */
export const kubernetesVersion = '1.35.4';

/** The two ends of the link between this machine and the cluster, and the ranges that exist only inside. */
export const addresses = {
  apiServer: '10.98.0.1',
  peer: '10.98.0.2',
  apiPort: 6443,
  services: '10.96.0.0/16',
  firstService: '10.96.0.1',
  pods: '10.244.0.0/24',
} as const;

/** The URL of the API server. */
export const apiServerUrl = `https://${addresses.apiServer}:${addresses.apiPort}`;

/** What the kernel calls the cluster's parts. No other program's cluster on this machine may have these names. */
export const names = {
  networkNamespace: 'piw-cluster',
  link: 'piw0',
  cgroup: 'piw-cluster',
  node: 'node-1',
  pauseImage: 'localhost/pause:1',
} as const;

/** The issuer of service account tokens; nobody resolves the name. */
export const tokenIssuer = 'https://tokens.piw-cluster.local';

/** Takes one line of progress for a human. */
export type Say = (line: string) => void;

/** Where things are kept. */
export interface Folders {
  /** What a running cluster keeps; gone with it. */
  readonly state: string;
  /** Compiled programs, one folder for each version; stays. */
  readonly programs: string;
}

/** Returns the folders: `CLUSTER_DIR` moves the state, `XDG_CACHE_HOME` the programs. */
export function readFolders(env: Readonly<Record<string, string | undefined>>): Folders {
  const cache = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return {
    state: env.CLUSTER_DIR || '/var/tmp/pod-identity-webhook-cluster',
    programs: join(cache, 'pod-identity-webhook', `kubernetes-${kubernetesVersion}`),
  };
}
