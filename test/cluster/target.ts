/** Test cluster: the cluster that the suite tests against: one of its own, or the one that KUBECONFIG names. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ApiClient, openClient } from './api-client.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { readFolders, type Say } from './layout.ts';
import { type Machine, tryFindObstacle } from './packages.ts';
import { run } from './processes.ts';

/** A cluster to test against. */
export interface Target {
  readonly api: ApiClient;
  /** Where the cluster reaches a webhook on this machine. */
  readonly peerAddress: string;
  /** The cluster's parts, to break them; undefined when the cluster is not ours to break. */
  readonly own: Cluster | undefined;
  kubectl(args: readonly string[], input?: string): Promise<string>;
  close(): Promise<void>;
}

/** The process's surroundings. */
export interface Surroundings extends Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: Say;
  /** Whether a cluster of our own gets a node. */
  readonly withNode?: boolean;
}

/**
 * Says why there is nothing to test against, undefined when there is.
 * @throws the same under CI, where nobody reads why tests were skipped
 */
export function tryFindReasonToSkip({ env, ...machine }: Surroundings): string | undefined {
  const obstacle = env.KUBECONFIG ? undefined : tryFindObstacle(machine);
  if (obstacle && env.CI === 'true') throw new Error(obstacle);
  return obstacle;
}

/** Opens the cluster that KUBECONFIG names, or starts one. */
export async function openTarget(around: Surroundings): Promise<Target> {
  const { env, say, path } = around;
  if (env.KUBECONFIG) return openForeign(env.KUBECONFIG, around);
  const own = await startCluster({ folders: readFolders(env), node: around.withNode ?? false, path, say });
  const api = await openClient(own.kubeconfig);
  const close = () => {
    api.close();
    return own.stop();
  };
  return { api, peerAddress: own.peerAddress, own, kubectl: own.kubectl, close };
}

async function openForeign(kubeconfig: string, { env, say }: Surroundings): Promise<Target> {
  const api = await openClient(kubeconfig);
  const peerAddress = env.WEBHOOK_ADDRESS || (await findOwnAddress(api.server));
  say(
    `testing against ${api.server.origin} (KUBECONFIG), which reaches the webhook at ${peerAddress} (WEBHOOK_ADDRESS)`,
  );
  return {
    api,
    peerAddress,
    own: undefined,
    kubectl: (args, input) => run('kubectl', [`--kubeconfig=${kubeconfig}`, ...args], input ? { input } : {}),
    close: async () => api.close(),
  };
}

/** The address by which this machine reaches the API server is most likely the one by which it is reached back. */
async function findOwnAddress(server: URL): Promise<string> {
  const socket: Socket = connect(Number(server.port || 443), server.hostname.replace(/^\[|\]$/g, ''));
  await once(socket, 'connect');
  const address = socket.localAddress ?? '';
  socket.destroy();
  return address;
}
