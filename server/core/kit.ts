/** Core: what an identity gives every pod in which nothing is in its way. Looks at no pod. */
import type { Identity } from './identity.ts';
import { regionVariables, variables } from './names.ts';
import { share } from './patch.ts';
import type { EnvVar, Volume, VolumeMount } from './types.ts';

/** The very same objects for every pod of the identity. */
export interface Kit {
  readonly volume: Volume;
  readonly mount: VolumeMount;
  /** Where a container finds the token; not on Windows. */
  readonly file: string;
  /** All variables of a container that reads the token there. */
  readonly env: readonly EnvVar[];
}

const kits = new WeakMap<Identity, Kit>();

/** Returns the kit of the identity. */
export function kitOf(identity: Identity): Kit {
  const known = kits.get(identity);
  if (known !== undefined) return known;
  const { volumeName, mountPath, tokenPath } = identity;
  const file = tokenFile(mountPath, tokenPath);
  const kit = {
    volume: share(newVolume(volumeName, identity)),
    mount: share(newMount(volumeName, mountPath)),
    file,
    env: share(newEnv(identity, file).map(share)),
  };
  kits.set(identity, kit);
  return kit;
}

/** Returns a volume of that name with the identity's token. */
export function newVolume(name: string, { audience, expirationSeconds, tokenPath }: Identity): Volume {
  return { name, projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds, path: tokenPath } }] } };
}

/** Returns a mount of the volume. */
export function newMount(name: string, mountPath: string): VolumeMount {
  return { name, mountPath, readOnly: true };
}

/** Returns all variables of a container that reads its token from the file and sets none itself. */
export function newEnv({ isStsRegional, region, credentialVariables }: Identity, file: string): readonly EnvVar[] {
  return [
    ...(isStsRegional ? [{ name: variables.stsRegionalEndpoints, value: 'regional' }] : []),
    ...(region === '' ? [] : regionVariables.map((name) => ({ name, value: region }))),
    ...credentialVariables.map(({ name, value }) => ({ name, value: value ?? file })),
  ];
}

/** Returns where the token is that is mounted in the folder, on anything but Windows. */
export function tokenFile(folder: string, path: string): string {
  return `${plain(folder)}/${path}`;
}

/** Returns the path without doubled slashes and without one at its end. */
export function plain(path: string): string {
  if (!path.includes('//') && !path.endsWith('/')) return path;
  return path.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
}
