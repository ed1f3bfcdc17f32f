/** IO, Kubernetes: reads a kubeconfig file down to its current cluster and user. Judges it; connects to nothing. */
import { existsSync } from 'node:fs';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { systemReason } from '../system-error.ts';

/** Why the configuration of the API server cannot be used; the process ends with it. */
export interface KubeAccessFault {
  readonly code:
    | 'kube-not-in-cluster'
    | 'kube-bad-url'
    | 'kubeconfig-missing'
    | 'kubeconfig-unreadable'
    | 'kubeconfig-malformed'
    | 'kubeconfig-no-context'
    | 'kubeconfig-unknown-name';
  /** Names the file, what is wrong, and the way out. */
  readonly message: string;
}

type Cluster = KubeConfig['clusters'][number];
type User = KubeConfig['users'][number];
type Fault = { readonly fault: KubeAccessFault };

/** Returns the cluster and the user of the file's current context. A context may name no user. */
export function readCluster(config: KubeConfig, path: string): { cluster: Cluster; user?: User } | Fault {
  const fault = read(config, path);
  if (fault) return { fault };
  const wayOut = `correct ${path}, or pass another file with --kubeconfig`;
  const name = config.getCurrentContext();
  if (!name) {
    const names = config.getContexts().map((context) => context.name);
    return faultOf(
      'kubeconfig-no-context',
      `${path} has no current-context: ${names.length > 0 ? `set it to one of [${names}]` : 'it has no contexts'}; ${wayOut}`,
    );
  }
  const unknown = (kind: string, value: string) =>
    faultOf(
      'kubeconfig-unknown-name',
      `${path} has no ${kind} "${value}", which its current context refers to: ${wayOut}`,
    );
  const context = config.getContexts().find((other) => other.name === name);
  if (!context) return unknown('context', name);
  const cluster = config.getClusters().find((other) => other.name === context.cluster);
  if (!cluster) return unknown('cluster', context.cluster);
  const user = config.getUsers().find((other) => other.name === context.user);
  if (context.user && !user) return unknown('user', context.user);
  const absent = [cluster.caFile, user?.certFile, user?.keyFile].find((file) => file && !existsSync(file));
  if (absent) return faultOf('kubeconfig-malformed', namesAbsentFile(path, absent));
  return user ? { cluster, user } : { cluster };
}

function namesAbsentFile(path: string, absent: string | undefined): string {
  return `${path} names a file that does not exist: ${absent}: correct it, or pass another file with --kubeconfig`;
}

function read(config: KubeConfig, path: string): KubeAccessFault | undefined {
  try {
    config.loadFromFile(path);
    return undefined;
  } catch (error) {
    return faultOfReading(path, error as NodeJS.ErrnoException);
  }
}

function faultOfReading(path: string, error: NodeJS.ErrnoException): KubeAccessFault {
  if (error.code === 'ENOENT' && !error.path?.endsWith(path)) {
    return { code: 'kubeconfig-malformed', message: namesAbsentFile(path, error.path) };
  }
  if (error.code === 'ENOENT') {
    const message = `${path} does not exist: pass a kubeconfig with --kubeconfig, or --in-cluster inside a cluster`;
    return { code: 'kubeconfig-missing', message };
  }
  if (error.code) {
    const message = `${path} cannot be read: ${systemReason(error)}: make it readable for this user, or pass another file with --kubeconfig`;
    return { code: 'kubeconfig-unreadable', message };
  }
  // The parser goes on to quote the file, which may hold a token: only its first line is told.
  const what = error instanceof TypeError ? 'it is not a mapping' : error.message.split('\n', 1)[0];
  const message = `${path} is not a kubeconfig: ${what}: correct it, or pass another file with --kubeconfig`;
  return { code: 'kubeconfig-malformed', message };
}

function faultOf(code: KubeAccessFault['code'], message: string): Fault {
  return { fault: { code, message } };
}
