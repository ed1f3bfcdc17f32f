/** Test cluster: says what this machine lacks, and installs the Debian packages among it. Compiles nothing. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Say } from './layout.ts';
import { run } from './processes.ts';

/** Programs by the Debian package that brings them. */
const controlPlaneNeeds = { ip: 'iproute2', nsenter: 'util-linux', openssl: 'openssl' };
const nodeNeeds = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  iptables: 'iptables',
  conntrack: 'conntrack',
  tar: 'tar',
  // puts images onto the node: there is no registry
  buildah: 'buildah',
};

/** What a step is about to use. */
export type Purpose = 'control-plane' | 'node';

const needs: Readonly<Record<Purpose, Readonly<Record<string, string>>>> = {
  'control-plane': controlPlaneNeeds,
  node: { ...controlPlaneNeeds, ...nodeNeeds },
};

/** What is known of the machine. */
export interface Machine {
  readonly platform: string;
  /** The user's id; 0 is root. */
  readonly userId: number | undefined;
  readonly path: string | undefined;
}

/** Says why no cluster can be started here and what to do, or returns undefined when one can. */
export function tryFindObstacle(machine: Machine): string | undefined {
  const lacks = [
    ...(machine.platform === 'linux' ? [] : [`Linux (this is ${machine.platform})`]),
    ...(machine.userId === 0 ? [] : ['root (network namespaces and mounts need it)']),
    ...(isThere('go', machine.path) ? [] : ['Go 1.21 or later on the PATH (it compiles Kubernetes)']),
  ];
  if (lacks.length === 0) return undefined;
  return `no test cluster can be started here: it needs ${lacks.join(' and ')}. Run it where that is, or set KUBECONFIG=<file> to test against any cluster that can reach this machine.`;
}

/**
 * Installs those packages whose programs are missing.
 * @throws when something is missing and there is no apt-get, naming the programs
 */
export async function installPackages(purpose: Purpose, path: string | undefined, say: Say): Promise<void> {
  const missing = Object.entries(needs[purpose]).filter(([program]) => !isThere(program, path));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  if (!isThere('apt-get', path)) {
    const programs = missing.map(([program]) => program).join(', ');
    throw new Error(`missing: ${programs}. There is no apt-get to install them (Debian: ${packages.join(' ')}).`);
  }
  say(`installing ${packages.join(', ')}`);
  await run('apt-get', ['update', '-qq']);
  const quiet = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '-qq', '--no-install-recommends'];
  await run('env', [...quiet, ...packages]);
}

/** The folders of root's programs are looked in as well, for they are not on every PATH. */
function isThere(program: string, path = ''): boolean {
  const folders = [...path.split(delimiter), '/usr/sbin', '/sbin'];
  return program.startsWith('/') ? existsSync(program) : folders.some((folder) => existsSync(join(folder, program)));
}
