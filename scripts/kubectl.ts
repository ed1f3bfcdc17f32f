/** Runs kubectl against the cluster of KUBECONFIG, as kubectl itself finds it. Decides nothing. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The parts of any object that scripts read. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** Returns what kubectl wrote to standard output. @throws with what it wrote to standard error */
export async function kubectl(...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)('kubectl', args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (fault) {
    const { code, stderr, message } = fault as { code?: string | number; stderr?: string; message: string };
    if (code === 'ENOENT') {
      throw new Error('kubectl is not on the PATH: install it (https://kubernetes.io/docs/tasks/tools/)');
    }
    throw new Error(`kubectl ${args.slice(0, 4).join(' ')}: ${stderr?.trim() || message}`);
  }
}

/** Returns the objects that `kubectl get` lists with these arguments. */
export async function list<T = KubeObject>(...args: readonly string[]): Promise<readonly T[]> {
  return (JSON.parse(await kubectl('get', ...args, '-o', 'json')) as { readonly items: readonly T[] }).items;
}

/** Returns the cluster's name for humans. @throws when no cluster answers, with what to do */
export async function requireCluster(): Promise<string> {
  try {
    await kubectl('get', '--raw', '/version', '--request-timeout=10s');
  } catch (fault) {
    const why = fault instanceof Error ? fault.message.split('\n').at(-1) : fault;
    throw new Error(`no cluster answers: ${why}\nKUBECONFIG=<file> names the cluster, as for kubectl itself`);
  }
  return (await kubectl('config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}')) || 'the cluster';
}
