/** Core, third stage: plans what the pod as a whole needs: which containers, which volume, how Windows writes the path. */
import { type Warning, warn } from './faults.ts';
import type { ContainerChoice, Grant, Identity } from './identity.ts';
import { isObject } from './json.ts';
import { type Mounting, newPlace, type TokenPlace } from './mount.ts';
import { regionVariables, variables } from './names.ts';
import type { Container, EnvVar, JsonObject, Pod, PodSpec, Volume } from './types.ts';
import { planVolume } from './volume.ts';

/** What is to be done to a pod. */
export interface Plan extends Mounting {
  /** Where containers find the token unless something is in the way. */
  readonly place: TokenPlace;
  /** All that a container gets that reads the token there and sets nothing itself: most share these very objects. */
  readonly env: readonly EnvVar[];
  /** Says whether the container gets credentials. */
  readonly isChosen: (container: Container) => boolean;
  readonly warnings: readonly Warning[];
}

/** What a pod gets in which nothing is in the identity's way, made once for many pods. */
export interface Usual extends Pick<Plan, 'place' | 'env'> {
  readonly volume: Volume;
  /** The JSON of what is in it. */
  readonly texts: ReadonlyMap<unknown, string>;
}

/** Returns what the identity gives to the usual pod. */
export function planUsual(identity: Identity): Usual {
  const volume = planVolume([], { identity });
  const { place, env } = planContents({ identity, volume, isWindows: false });
  const added = volume.added as Volume;
  const texts = new Map<unknown, string>(
    [added, place.added, env, ...env].map((value) => [value, JSON.stringify(value)]),
  );
  return { volume: added, place, env, texts };
}

/**
 * Returns the plan by which the pod gets the identity.
 * @param usual of the same identity, if it was made before
 */
export function planPod({ spec }: Pod, { identity, choice }: Grant, usual?: Usual): Plan {
  const volume = planVolume(spec.volumes ?? [], { identity, usual: usual?.volume });
  const base = { identity, volume, isWindows: isWindows(spec) };
  const isUsual = usual !== undefined && volume.added === usual.volume && !base.isWindows;
  const { place, env } = isUsual ? usual : planContents(base);
  return {
    ...base,
    place,
    env,
    isChosen: ({ name }) => !choice.skipped.has(name) && (choice.included?.has(name) ?? true),
    warnings: choice.named.length > 0 ? unknownContainers(spec, choice) : [],
  };
}

function planContents(mounting: Mounting): Pick<Plan, 'place' | 'env'> {
  const place = newPlace(mounting, mounting.identity.mountPath);
  return { place, env: fullEnv(mounting.identity, place.file) };
}

/** More warnings of that kind never fit into an answer, and an annotation can name half a million containers. */
const mostUnknown = 100;

function unknownContainers({ initContainers, containers }: PodSpec, { named }: ContainerChoice): readonly Warning[] {
  const names = new Set([...(initContainers ?? []), ...containers].map((container) => container.name));
  return named.flatMap(([annotation, listed]) => {
    const unknown = listed.filter((name) => !names.has(name)).slice(0, mostUnknown);
    return unknown.map((name) => warn('CONTAINER_UNKNOWN', annotation, name));
  });
}

/** Returns all variables of a container that reads its token from the file and sets none itself. */
export function fullEnv({ isStsRegional, region, credentialVariables }: Identity, file: string): readonly EnvVar[] {
  return [
    ...(isStsRegional ? [{ name: variables.stsRegionalEndpoints, value: 'regional' }] : []),
    ...(region === '' ? [] : regionVariables.map((name) => ({ name, value: region }))),
    ...credentialVariables.map(({ name, value }) => ({ name, value: value ?? file })),
  ];
}

const osLabels = ['kubernetes.io/os', 'beta.kubernetes.io/os'];

/** Says whether the pod can only run on Windows: by `spec.os.name`, node selector, or required node affinity. */
function isWindows(spec: PodSpec): boolean {
  if (isObject(spec.os) && spec.os.name === 'windows') return true;
  if (osLabels.some((label) => spec.nodeSelector?.[label] === 'windows')) return true;
  if (spec.affinity === undefined) return false;
  const terms = path(spec, [
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  ]);
  // the terms are alternatives: the pod is a Windows pod only if all of them ask for Windows
  return Array.isArray(terms) && terms.length > 0 && terms.every(asksForWindows);
}

function asksForWindows(term: unknown): boolean {
  if (!isObject(term) || !Array.isArray(term.matchExpressions)) return false;
  return term.matchExpressions.some(
    (rule: unknown) =>
      isObject(rule) &&
      osLabels.some((label) => label === rule.key) &&
      rule.operator === 'In' &&
      isOnlyWindows(rule.values),
  );
}

const isOnlyWindows = (values: unknown): boolean =>
  Array.isArray(values) && values.length === 1 && values[0] === 'windows';

function path(object: JsonObject, fields: readonly string[]): unknown {
  return fields.reduce<unknown>((value, field) => (isObject(value) ? value[field] : undefined), object);
}
