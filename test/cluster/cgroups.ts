/** Test cluster: the control group that all pods are below, so that the node's processes can be told from all others. */
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { names } from './layout.ts';
import { end, tryIdentify } from './processes.ts';

/** Makes the group in every hierarchy: one in version 2, one for each controller in version 1. */
export async function createCgroups(): Promise<void> {
  for (const root of hierarchies()) {
    passControllersDown(root);
    await mkdir(join(root, names.cgroup), { recursive: true });
  }
}

/** Ends every process of every pod, at once. */
export async function endPods(): Promise<void> {
  const ids = new Set(groups().flatMap(readIds));
  const found = [...ids].flatMap((pid) => tryIdentify(pid, 'a pod') ?? []);
  await Promise.all(found.map((process) => end(process, 0)));
}

/** Removes the group. @throws EBUSY when a process is left in it */
export function removeCgroups(): void {
  for (const group of groups()) rmdirSync(group);
}

function hierarchies(): readonly string[] {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  return mounts.flatMap((line) => {
    const [, folder = '', type] = line.split(' ');
    return type === 'cgroup' || type === 'cgroup2' ? [folder] : [];
  });
}

/** Version 2 gives a group only the controllers that its parent names. */
function passControllersDown(root: string): void {
  const offered = join(root, 'cgroup.controllers');
  if (!existsSync(offered)) return;
  const controllers = readFileSync(offered, 'utf8').split(/\s+/).filter(Boolean);
  if (controllers.length === 0) return;
  writeFileSync(join(root, 'cgroup.subtree_control'), controllers.map((name) => `+${name}`).join(' '));
}

/** All groups from ours down, the deepest first. */
function groups(): readonly string[] {
  return hierarchies().flatMap((root) => descend(join(root, names.cgroup)));
}

function descend(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap((entry) => descend(join(folder, entry.name))), folder];
}

function readIds(group: string): readonly number[] {
  return readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
}
