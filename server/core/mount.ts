/** Core: finds the mount by which a container reads the token, or plans one at a free path. Never replaces a mount. */
import { type Warning, warn } from './faults.ts';
import type { Identity } from './identity.ts';
import type { Container, VolumeMount } from './types.ts';
import { freeName, type TokenVolume } from './volume.ts';

/** What is mounted, and how its path is written. */
export interface Mounting {
  readonly identity: Identity;
  readonly volume: TokenVolume;
  readonly isWindows: boolean;
}

/** Where a container finds the token. */
export interface TokenPlace {
  /** The file that the container reads its token from. */
  readonly file: string;
  /** The mount to add; undefined when the container has one, or can do without. */
  readonly added?: VolumeMount;
  readonly warnings: readonly Warning[];
}

/**
 * Returns a mount of the token that the container has, or one at our path, or one beside whatever is there.
 * @param plan with the place that `newPlace` gives at our path
 * @param needsFile false when the container names its credentials itself: then a taken path is none of our business
 */
export function placeToken(
  container: Container,
  plan: Mounting & { readonly place: TokenPlace },
  needsFile: boolean,
): TokenPlace {
  const mounts = container.volumeMounts ?? [];
  const folder = plain(plan.identity.mountPath);
  if (mounts.length === 0) return plan.place;
  const existing = existingPlace(container, plan, folder);
  if (existing) return existing;
  const isTaken = mounts.some((mount) => isInside(plain(mount.mountPath), folder));
  if (!isTaken) return plan.place;
  if (!needsFile) return { file: '', warnings: [] };
  const free = freeFolder(folder, mounts);
  return { ...newPlace(plan, free), warnings: [warn('MOUNT_PATH_TAKEN', container.name, free)] };
}

/** This very token wherever it is mounted, best at our path; else another token at our path. */
function existingPlace(container: Container, plan: Mounting, folder: string): TokenPlace | undefined {
  const { names, pathIn } = plan.volume;
  const whole = (container.volumeMounts ?? []).filter(({ subPath, subPathExpr }) => !subPath && !subPathExpr);
  const atFolder = whole.filter(({ mountPath }) => plain(mountPath) === folder);
  const ours = atFolder.find(({ name }) => names.has(name)) ?? whole.find(({ name }) => names.has(name));
  const mount = ours ?? atFolder.find(({ name }) => pathIn(name) !== undefined);
  const path = mount && pathIn(mount.name);
  if (mount === undefined || path === undefined) return undefined;
  return {
    file: tokenFile(mount.mountPath, path, plan.isWindows),
    warnings: ours ? [] : [warn('MOUNT_PATH_SHARED', container.name, mount.name)],
  };
}

/** Returns the place of the token when it is newly mounted in the folder. */
export function newPlace({ identity, volume, isWindows }: Mounting, mountPath: string): TokenPlace {
  return {
    file: tokenFile(mountPath, identity.tokenPath, isWindows),
    added: { name: volume.name, mountPath, readOnly: true },
    warnings: [],
  };
}

/** Returns the path without doubled slashes and without one at its end. */
function plain(path: string): string {
  if (!path.includes('//') && !path.endsWith('/')) return path;
  return path.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
}

/** Says whether the path is the folder or below it: a mount in there could not be made once ours, read-only, is there. */
function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder) && (path.length === folder.length || path[folder.length] === '/');
}

/** Returns a folder beside ours in which nothing is mounted. */
function freeFolder(folder: string, mounts: readonly VolumeMount[]): string {
  const start = folder.lastIndexOf('/') + 1;
  const parent = folder.slice(0, start);
  const beside = mounts.map(({ mountPath }) => plain(mountPath)).filter((path) => path.startsWith(parent));
  const taken = new Set(beside.map((path) => path.slice(start).split('/', 1).join()));
  return parent + freeName(folder.slice(start), taken);
}

/** Windows containers read drive C with backslashes; the mount path itself stays as it is. */
function tokenFile(folder: string, path: string, isWindows: boolean): string {
  const file = `${plain(folder)}/${path}`;
  if (!isWindows) return file;
  const drive = /^[a-z]:/i.test(file) ? '' : 'C:';
  return drive + file.replaceAll('/', '\\');
}
