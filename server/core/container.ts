/** Core: says which variables and mounts one container lacks. What the container defines itself stays. */
import { type Warning, warn } from './faults.ts';
import type { Identity } from './identity.ts';
import { placeToken } from './mount.ts';
import { regionVariables } from './names.ts';
import { fullEnv, type Plan } from './plan.ts';
import type { Container, EnvVar, VolumeMount } from './types.ts';

/** What one container is given, to stand behind what it has. */
export interface Equipment {
  readonly env: readonly EnvVar[];
  readonly volumeMounts: readonly VolumeMount[];
  readonly warnings: readonly Warning[];
}

/** Returns all that the plan gives the container and that it lacks. */
export function equipContainer(container: Container, plan: Plan): Equipment {
  const defined = definedVariables(container);
  const own = plan.identity.credentialVariables.find(({ name, isExclusive }) => isExclusive && defined.has(name));
  const place = placeToken(container, plan, own === undefined);
  const all = place.file === plan.place.file ? plan.env : fullEnv(plan.identity, place.file);
  const env = defined.size === 0 ? all : all.filter(({ name }) => isLacking(name, defined, own && plan.identity));
  const isForeign = own !== undefined && !isComplete(defined, plan, place.file);
  const warnings = isForeign ? [...place.warnings, warn('OWN_VARIABLES', container.name, own.name)] : place.warnings;
  return { env, volumeMounts: place.added ? [place.added] : [], warnings };
}

type Defined = ReadonlyMap<string, EnvVar>;

const none: Defined = new Map();

/** The container's variables, as far as they could be among those that are added. */
function definedVariables({ env }: Container): Defined {
  let defined: Map<string, EnvVar> | undefined;
  for (const variable of env ?? []) {
    if (!variable.name.startsWith('AWS_')) continue;
    defined ??= new Map();
    defined.set(variable.name, variable);
  }
  return defined ?? none;
}

/** Says whether the container is to get the variable; one with credentials of its own (of `foreign`) gets none of them. */
function isLacking(name: string, defined: Defined, foreign: Identity | undefined): boolean {
  if (defined.has(name) || foreign?.credentialVariables.some((variable) => variable.name === name)) return false;
  return !regionVariables.includes(name) || !regionVariables.some((variable) => defined.has(variable));
}

/** Says whether the container's own credentials are just what it would get: a pod that was mutated before. */
function isComplete(defined: Defined, { identity }: Plan, file: string): boolean {
  return identity.credentialVariables.every(
    ({ name, value, isExclusive }) => !isExclusive || defined.get(name)?.value === (value ?? file),
  );
}
