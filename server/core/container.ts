/** Core: gives one container its variables and its mount. Only appends; what the container defines itself stays. */
import { type Warning, warn } from './faults.ts';
import { placeToken } from './mount.ts';
import { variables } from './names.ts';
import type { Plan } from './plan.ts';
import type { Container, EnvVar } from './types.ts';

/** A container with credentials: the very same object when it needs nothing. */
export interface EquippedContainer {
  readonly container: Container;
  readonly warnings: readonly Warning[];
}

/** Returns the container with all that the plan gives it and that it lacks. */
export function equipContainer(container: Container, plan: Plan): EquippedContainer {
  const defined = definedVariables(container);
  const own = plan.identity.credentialVariables.find(({ name, isExclusive }) => isExclusive && defined.has(name));
  const place = placeToken(container, plan, own === undefined);
  const added = settings(defined, plan);
  if (own === undefined) added.push(...credentials(defined, plan, place.file));
  const isForeign = own !== undefined && !isComplete(defined, plan, place.file);
  const warnings = isForeign ? [...place.warnings, warn('OWN_VARIABLES', container.name, own.name)] : place.warnings;
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

type Defined = ReadonlyMap<string, EnvVar>;

/** The container's variables, as far as they could be among those that are added. */
function definedVariables({ env }: Container): Defined {
  const defined = new Map<string, EnvVar>();
  for (const variable of env ?? []) {
    if (variable.name.startsWith('AWS_')) defined.set(variable.name, variable);
  }
  return defined;
}

function credentials(defined: Defined, { identity }: Plan, file: string): EnvVar[] {
  const lacking = identity.credentialVariables.filter(({ name }) => !defined.has(name));
  return lacking.map(({ name, value }) => ({ name, value: value ?? file }));
}

/** Says whether the container's own credentials are just what it would get: a pod that was mutated before. */
function isComplete(defined: Defined, { identity }: Plan, file: string): boolean {
  return identity.credentialVariables.every(
    ({ name, value, isExclusive }) => !isExclusive || defined.get(name)?.value === (value ?? file),
  );
}

function settings(defined: Defined, { identity }: Plan): EnvVar[] {
  const added: EnvVar[] = [];
  if (identity.isStsRegional && !defined.has(variables.stsRegionalEndpoints)) {
    added.push({ name: variables.stsRegionalEndpoints, value: 'regional' });
  }
  if (identity.region !== '' && !defined.has(variables.defaultRegion) && !defined.has(variables.region)) {
    added.push(
      { name: variables.defaultRegion, value: identity.region },
      { name: variables.region, value: identity.region },
    );
  }
  return added;
}
