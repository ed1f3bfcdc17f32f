/** Test cluster: a real Kubernetes on this machine, started and removed as a whole. Decides the order, does none of the steps itself. */
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPrograms, controlPlanePrograms, nodePrograms } from './build.ts';
import { endPods, removeCgroups } from './cgroups.ts';
import {
  type ControlPlaneOptions,
  createCredentials,
  startApiServer,
  startControlPlane,
  stopApiServer,
} from './control-plane.ts';
import { addresses, apiServerUrl, type Folders, type Say } from './layout.ts';
import { createNetwork, listInside, removeNetwork } from './network.ts';
import { startNode } from './node.ts';
import { installPackages } from './packages.ts';
import { end, isRunning, record, recorded, run, type Started, tryIdentify } from './processes.ts';

/** How to start a cluster. */
export interface ClusterOptions {
  readonly folders: Folders;
  /** Whether pods run; without, there is an API server that only keeps them. */
  readonly node: boolean;
  /** Arguments for kube-apiserver after its own. */
  readonly apiServerArgs?: readonly string[];
  /** Whether it stays when the process that started it ends. If not, the next start takes it for a leftover then. */
  readonly keep?: boolean;
  /** The PATH on which programs are looked for. */
  readonly path: string | undefined;
  readonly say: Say;
}

/** A running cluster. */
export interface Cluster {
  /** The administrator's kubeconfig file. */
  readonly kubeconfig: string;
  /** This machine's address as the cluster sees it: where a webhook outside listens. */
  readonly peerAddress: string;
  readonly apiServerUrl: string;
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /** Returns what kubectl wrote to standard output. @throws when it fails, with its message */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** A folder of the cluster, gone with it. */
  readonly folder: string;
  /** Makes a process of a test end with the cluster, even if the test cannot end it any more. */
  adopt(pid: number, name: string): void;
  /** Ends all of it and removes what it left. */
  stop(): Promise<void>;
}

/** What a cluster's life depends on. */
interface Owner {
  /** The process that starts or uses it; undefined once it is up and meant to stay. */
  readonly process: Started | undefined;
  readonly keep: boolean;
}

/**
 * Starts a cluster; compiles it first if need be, and removes what an interrupted one left.
 * @throws when one is up already, or a part does not come up: all is removed then, logs excepted by being quoted
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folders, node, path, say } = options;
  const { state, programs } = folders;
  await makeRoom(state, say);
  await installPackages(node ? 'node' : 'control-plane', path, say);
  await buildPrograms(programs, node ? [...controlPlanePrograms, ...nodePrograms] : controlPlanePrograms, say);
  await claim(state);
  try {
    await createNetwork();
    await createCredentials(state);
    const controlPlane = { state, programs, apiServerArgs: options.apiServerArgs ?? [] };
    await startControlPlane(controlPlane);
    if (node) await startNode({ state, programs });
    if (options.keep) await writeOwner(state, { process: undefined, keep: true });
    return handle(controlPlane);
  } catch (fault) {
    await removeCluster(state);
    throw fault;
  }
}

/** Says whether a cluster is there that this process started and that is meant to end with it. */
export function ownsCluster(state: string): boolean {
  const owner = tryReadOwner(state)?.process;
  return owner !== undefined && owner.pid === identifySelf()?.pid && isRunning(owner);
}

/** Ends what was started below this state folder and removes what it left. Does nothing when nothing was. */
export async function removeCluster(state: string): Promise<void> {
  if (!existsSync(state)) return;
  const processes = recorded(state).filter(isRunning);
  await endAll(processes.filter((process) => process.name === 'kubelet'));
  await endPods();
  await endAll(processes);
  // what containerd left behind: one shim for each pod
  await endAll((await listInside()).flatMap((pid) => tryIdentify(pid, 'a shim') ?? []));
  removeCgroups();
  await removeNetwork();
  await rm(state, { recursive: true, force: true, maxRetries: 5 });
}

function handle(controlPlane: ControlPlaneOptions): Cluster {
  const { state, programs } = controlPlane;
  const kubeconfig = join(state, 'kubeconfig');
  const stop = () => stopApiServer(state);
  const start = () => startApiServer(controlPlane);
  return {
    kubeconfig,
    peerAddress: addresses.peer,
    apiServerUrl,
    stopApiServer: stop,
    startApiServer: start,
    restartApiServer: () => stop().then(start),
    kubectl: (args, input) =>
      run(join(programs, 'kubectl'), [`--kubeconfig=${kubeconfig}`, ...args], input ? { input } : {}),
    folder: state,
    adopt: (pid, name) => void record(state, pid, name),
    stop: () => removeCluster(state),
  };
}

async function makeRoom(state: string, say: Say): Promise<void> {
  if (!existsSync(state)) return;
  if (isUp(state)) {
    throw new Error(
      `a cluster is up already, in ${state}: end it (node test/cluster/main.ts down), or test against it with KUBECONFIG=${join(state, 'kubeconfig')}`,
    );
  }
  say(`removing what an interrupted cluster left in ${state}`);
  await removeCluster(state);
}

/** A cluster is up while any of it runs and it is meant to stay or its owner lives. */
function isUp(state: string): boolean {
  const owner = tryReadOwner(state);
  if (!owner) return false;
  const isOwned = owner.process !== undefined && isRunning(owner.process);
  return isOwned || (owner.keep && recorded(state).some(isRunning));
}

function tryReadOwner(state: string): Owner | undefined {
  const path = join(state, 'owner.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Owner) : undefined;
}

/** Makes the state folder. Only one of two that start at the same moment gets it. */
async function claim(state: string): Promise<void> {
  for (const folder of ['log', 'pki']) await mkdir(join(state, folder), { recursive: true });
  await writeOwner(state, { process: identifySelf(), keep: false }, 'wx');
}

function writeOwner(state: string, owner: Owner, flag = 'w'): Promise<void> {
  return writeFile(join(state, 'owner.json'), JSON.stringify(owner), { flag });
}

function identifySelf(): Started | undefined {
  return tryIdentify(Number(readlinkSync('/proc/self')), 'owner');
}

/** Nothing is kept, so nobody needs long to end. */
function endAll(processes: readonly Started[]): Promise<unknown> {
  return Promise.all(processes.map((process) => end(process, 3000)));
}
