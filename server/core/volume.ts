/** Core: finds the token volume that a pod already has, or plans one under a free name. Never replaces a volume. */
import { type Warning, warn } from './faults.ts';
import type { Identity } from './identity.ts';
import { isObject } from './json.ts';
import type { JsonObject, Volume } from './types.ts';

/** The volume that holds the token, and what is known of the pod's other token volumes. */
export interface TokenVolume {
  readonly name: string;
  /** The volume to add; undefined when the pod has it. */
  readonly added?: Volume;
  /** The names of all volumes that hold this very token. */
  readonly names: ReadonlySet<string>;
  /** Returns the token's file in the volume of that name; undefined where that projects no service account token. */
  readonly pathIn: (name: string) => string | undefined;
  readonly warnings: readonly Warning[];
}

/** A volume name is a DNS label: at most 63 characters. */
const nameLimit = 63;

/** Whose volume it is, and the one that is added where nothing is in the way, if that was made before. */
interface Wanted {
  readonly identity: Identity;
  readonly usual?: Volume | undefined;
}

/** Returns the volume by which the pod gets the identity's token. An existing one is known by audience and path, not by name. */
export function planVolume(volumes: readonly Volume[], { identity, usual }: Wanted): TokenVolume {
  const existing = volumes.filter((volume) => isOf(identity, tokenOf(volume, identity)));
  const [first] = existing;
  if (first !== undefined) {
    return { ...holding(existing, { volumes, identity }), name: first.name, warnings: [] };
  }
  const { volumeName } = identity;
  const isTaken = volumes.some(({ name }) => name === volumeName);
  const name = isTaken ? freeName(volumeName, new Set(volumes.map((volume) => volume.name))) : volumeName;
  const added = !isTaken && usual ? usual : tokenVolume(name, identity);
  return {
    ...holding([added], { volumes, identity }),
    name,
    added,
    warnings: isTaken ? [warn('VOLUME_NAME_TAKEN', volumeName, name)] : [],
  };
}

function holding(
  ours: readonly Volume[],
  { volumes, identity }: { readonly volumes: readonly Volume[]; readonly identity: Identity },
): Pick<TokenVolume, 'names' | 'pathIn'> {
  // hardly any pod asks for a path
  let paths: ReadonlyMap<string, string> | undefined;
  return {
    names: new Set(ours.map(({ name }) => name)),
    pathIn: (name) => {
      paths ??= tokenPaths([...volumes, ...ours], identity);
      return paths.get(name);
    },
  };
}

function tokenPaths(volumes: readonly Volume[], identity: Identity): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const volume of volumes) {
    const path = tokenOf(volume, identity)?.path;
    if (typeof path === 'string') paths.set(volume.name, path);
  }
  return paths;
}

/** Returns the identity's token among those that the volume projects, else the first of them. */
function tokenOf({ projected }: Volume, identity: Identity): JsonObject | undefined {
  if (!isObject(projected) || !Array.isArray(projected.sources)) return undefined;
  let first: JsonObject | undefined;
  for (const source of projected.sources as readonly unknown[]) {
    if (!isObject(source) || !isObject(source.serviceAccountToken)) continue;
    if (isOf(identity, source.serviceAccountToken)) return source.serviceAccountToken;
    first ??= source.serviceAccountToken;
  }
  return first;
}

function isOf({ audience, tokenPath }: Identity, token: JsonObject | undefined): boolean {
  return token?.path === tokenPath && token.audience === audience;
}

function tokenVolume(name: string, { audience, expirationSeconds, tokenPath }: Identity): Volume {
  return { name, projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds, path: tokenPath } }] } };
}

/** Returns the name, or the name with the least number behind it that makes it free; at most 63 characters then. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let n = 1; taken.has(free); n++) free = `${name.slice(0, nameLimit - 1 - String(n).length)}-${n}`;
  return free;
}
