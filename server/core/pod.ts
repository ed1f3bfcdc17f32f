/** Core: says whether a pod has the types that the API gives to the parts that are read. Changes nothing. */
import { isObject } from './json.ts';
import type { JsonObject, Pod } from './types.ts';

/** The first part of a pod that is not what the API allows. Never holds the value. */
export interface PodProblem {
  readonly field: string;
  readonly rule: string;
}

/** Returns what is wrong with the value, the field being the path below it. */
type Check = (value: unknown) => PodProblem | undefined;

const expected = (rule: string): PodProblem => ({ field: '', rule });

const string: Check = (value) => (typeof value === 'string' ? undefined : expected('a string'));

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null ? undefined : check(value);

const listOf =
  (check: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return expected('a list');
    for (let i = 0; i < value.length; i++) {
      const problem = check(value[i]);
      if (problem) return { field: `[${i}]${problem.field}`, rule: problem.rule };
    }
    return undefined;
  };

const objectOf = (checks: Readonly<Record<string, Check>>): Check => {
  const parts = Object.entries(checks);
  return (value) => {
    if (!isObject(value)) return expected('an object');
    for (const [part, check] of parts) {
      const problem = check(value[part]);
      if (problem) return { field: `.${part}${problem.field}`, rule: problem.rule };
    }
    return undefined;
  };
};

const stringMap: Check = (value) => {
  if (!isObject(value)) return expected('an object');
  // of a hundred thousand fields Object.values makes a list in three times the time
  for (const key in value) if (typeof value[key] !== 'string') return expected('a map of strings');
  return undefined;
};

/** A name such as `..` would be a step in the URL of the lookup. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const accountName: Check = (value) =>
  typeof value === 'string' && /^(?!.{254})([a-z0-9][-a-z0-9.]*)?$/.test(value)
    ? undefined
    : expected('a name of at most 253 lower-case letters, digits, dashes and dots');

const container = objectOf({
  name: string,
  env: optional(listOf(objectOf({ name: string }))),
  volumeMounts: optional(listOf(objectOf({ name: string, mountPath: string }))),
});

const pod = objectOf({
  metadata: optional(
    objectOf({
      name: optional(string),
      generateName: optional(string),
      annotations: optional(stringMap),
      labels: optional(stringMap),
    }),
  ),
  spec: objectOf({
    serviceAccountName: optional(accountName),
    containers: listOf(container),
    initContainers: optional(listOf(container)),
    volumes: optional(listOf(objectOf({ name: string }))),
    nodeSelector: optional(stringMap),
  }),
});

/** Returns the object as a pod, or the first part of it that no pod could have. */
export function tryPod(object: JsonObject): Pod | PodProblem {
  const problem = pod(object);
  return problem ? { field: `pod${problem.field}`, rule: problem.rule } : (object as Pod);
}
