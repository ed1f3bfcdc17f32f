/** Core: gives one container its variables and its mount. Only appends; what the container defines itself stays. */
import { type Warning, warn } from './faults.ts';
import { variables } from './names.ts';
import type { Plan } from './plan.ts';
import type { Container, EnvVar, VolumeMount } from './types.ts';

/** A container with credentials: the very same object when it needs nothing. */
export interface EquippedContainer {
  readonly container: Container;
  readonly warnings: readonly Warning[];
}

/** Returns the container with all that the plan gives it and that it lacks. */
export function equipContainer(container: Container, plan: Plan): EquippedContainer {
  const env = new Map((container.env ?? []).map((variable) => [variable.name, variable]));
  const own = plan.identity.credentialVariables.find(({ name, isExclusive }) => isExclusive && env.has(name));
  const place = placeToken(container, plan, own !== undefined);
  const credentials = own
    ? ownCredentials(container, env, { plan, place, own: own.name })
    : newCredentials(env, plan, place);
  const added = [...settings(env, plan), ...credentials.env];
  const warnings = [...place.warnings, ...credentials.warnings];
  if (added.length === 0 && place.added === undefined) return { container, warnings };
  return {
    container: {
      ...container,
      ...(added.length > 0 && { env: [...(container.env ?? []), ...added] }),
      ...(place.added && { volumeMounts: [...(container.volumeMounts ?? []), place.added] }),
    },
    warnings,
  };
}

interface TokenPlace {
  /** The file that the container reads its token from. */
  readonly file: string;
  readonly added?: VolumeMount;
  readonly warnings: readonly Warning[];
}

/** Says where the container finds the token: a mount of it that it has, else at our path, else beside whatever is there. */
function placeToken(container: Container, plan: Plan, hasOwnCredentials: boolean): TokenPlace {
  const { mountPath, tokenPath } = plan.identity;
  const mounts = container.volumeMounts ?? [];
  const whole = mounts.filter((mount) => !mount.subPath && !mount.subPathExpr);
  const ours = whole.find((mount) => plan.volume.names.has(mount.name));
  const file = (folder: string, path: string) => tokenFile(folder, path, plan.isWindows);
  if (ours) return { file: file(ours.mountPath, tokenPath), warnings: [] };
  const taken = new Set(mounts.map((mount) => trimSlashes(mount.mountPath)));
  if (!taken.has(trimSlashes(mountPath))) {
    return { file: file(mountPath, tokenPath), added: tokenMount(plan.volume.name, mountPath), warnings: [] };
  }
  const shared = whole.find((mount) => trimSlashes(mount.mountPath) === trimSlashes(mountPath));
  const sharedPath = shared && plan.volume.tokenPaths.get(shared.name);
  if (shared && sharedPath !== undefined) {
    return { file: file(mountPath, sharedPath), warnings: [warn('MOUNT_PATH_SHARED', container.name, shared.name)] };
  }
  // what the container configured itself needs no second mount
  if (hasOwnCredentials) return { file: file(mountPath, tokenPath), warnings: [] };
  const free = freePath(trimSlashes(mountPath), taken);
  return {
    file: file(free, tokenPath),
    added: tokenMount(plan.volume.name, free),
    warnings: [warn('MOUNT_PATH_TAKEN', container.name, free)],
  };
}

const tokenMount = (name: string, mountPath: string): VolumeMount => ({ name, mountPath, readOnly: true });

const trimSlashes = (path: string): string => path.replace(/(?<=[^/])\/+$/, '');

function freePath(path: string, taken: ReadonlySet<string>): string {
  let free = path;
  for (let n = 1; taken.has(free); n++) free = `${path}-${n}`;
  return free;
}

/** Windows containers read drive C with backslashes; the mount path itself stays as it is. */
function tokenFile(folder: string, path: string, isWindows: boolean): string {
  const file = `${trimSlashes(folder)}/${path}`;
  return isWindows ? `C:${file.replaceAll('/', '\\')}` : file;
}

type Defined = ReadonlyMap<string, EnvVar>;

interface Credentials {
  readonly env: readonly EnvVar[];
  readonly warnings: readonly Warning[];
}

function newCredentials(env: Defined, { identity }: Plan, place: TokenPlace): Credentials {
  const lacking = identity.credentialVariables.filter(({ name }) => !env.has(name));
  return { env: lacking.map(({ name, value }) => ({ name, value: value ?? place.file })), warnings: [] };
}

/** Says nothing where the container's own are just what it would get: a pod that was mutated before. */
function ownCredentials(
  container: Container,
  env: Defined,
  { plan, place, own }: { readonly plan: Plan; readonly place: TokenPlace; readonly own: string },
): Credentials {
  const isSame = plan.identity.credentialVariables.every(
    ({ name, value, isExclusive }) => !isExclusive || env.get(name)?.value === (value ?? place.file),
  );
  return { env: [], warnings: isSame ? [] : [warn('OWN_VARIABLES', container.name, own)] };
}

function settings(env: Defined, { identity }: Plan): EnvVar[] {
  const added: EnvVar[] = [];
  if (identity.isStsRegional && !env.has(variables.stsRegionalEndpoints)) {
    added.push({ name: variables.stsRegionalEndpoints, value: 'regional' });
  }
  if (identity.region !== '' && !env.has(variables.defaultRegion) && !env.has(variables.region)) {
    added.push(
      { name: variables.defaultRegion, value: identity.region },
      { name: variables.region, value: identity.region },
    );
  }
  return added;
}
