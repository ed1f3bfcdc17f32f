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
  /** The token file of each volume that projects a service account token, this one's included. */
  readonly tokenPaths: ReadonlyMap<string, string>;
  readonly warnings: readonly Warning[];
}

/** A volume name is a DNS label: at most 63 characters. */
const nameLimit = 63;

/** Returns the volume by which the pod gets the identity's token. An existing one is known by audience and path, not by name. */
export function planVolume(volumes: readonly Volume[], identity: Identity): TokenVolume {
  const tokenPaths = new Map<string, string>();
  const names = new Set<string>();
  for (const volume of volumes) {
    if (volume.projected === undefined) continue;
    const tokens = projectedTokens(volume);
    const ours = tokens.find(({ audience, path }) => audience === identity.audience && path === identity.tokenPath);
    const path = (ours ?? tokens[0])?.path;
    if (ours) names.add(volume.name);
    if (typeof path === 'string') tokenPaths.set(volume.name, path);
  }
  const [existing] = names;
  if (existing !== undefined) return { name: existing, names, tokenPaths, warnings: [] };
  const isTaken = volumes.some((volume) => volume.name === identity.volumeName);
  const name = isTaken
    ? freeName(identity.volumeName, new Set(volumes.map((volume) => volume.name)))
    : identity.volumeName;
  return {
    name,
    added: tokenVolume(name, identity),
    names: new Set([name]),
    tokenPaths: tokenPaths.set(name, identity.tokenPath),
    warnings: isTaken ? [warn('VOLUME_NAME_TAKEN', identity.volumeName, name)] : [],
  };
}

function projectedTokens(volume: Volume): JsonObject[] {
  const { projected } = volume;
  if (!isObject(projected) || !Array.isArray(projected.sources)) return [];
  return projected.sources.flatMap((source: unknown) =>
    isObject(source) && isObject(source.serviceAccountToken) ? [source.serviceAccountToken] : [],
  );
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
