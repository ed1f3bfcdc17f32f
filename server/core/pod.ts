/** Core: says whether a pod has the types that the API gives to the parts that are read. Changes nothing. */
import { isObject } from './json.ts';
import type { JsonObject, Pod } from './types.ts';

/** The first part of a pod whose type is not what the API allows. Never holds the value. */
export interface PodProblem {
  readonly field: string;
  readonly rule: string;
}

type Check = (value: unknown, field: string) => PodProblem | undefined;

const absent = (value: unknown): boolean => value === undefined || value === null;

const string: Check = (value, field) => (typeof value === 'string' ? undefined : { field, rule: 'a string' });

const optional =
  (check: Check): Check =>
  (value, field) =>
    absent(value) ? undefined : check(value, field);

const listOf =
  (check: Check): Check =>
  (value, field) => {
    if (!Array.isArray(value)) return { field, rule: 'a list' };
    for (let i = 0; i < value.length; i++) {
      const problem = check(value[i], field);
      if (problem) return { field: problem.field.replace(field, `${field}[${i}]`), rule: problem.rule };
    }
    return undefined;
  };

const objectOf = (parts: Readonly<Record<string, Check>>): Check => {
  const checks = Object.entries(parts);
  return (value, field) => {
    if (!isObject(value)) return { field, rule: 'an object' };
    for (const [part, check] of checks) {
      const problem = check(value[part], part);
      if (problem) return { field: `${field}.${problem.field}`, rule: problem.rule };
    }
    return undefined;
  };
};

const stringMap: Check = (value, field) => {
  if (!isObject(value)) return { field, rule: 'an object' };
  for (const key of Object.keys(value)) if (typeof value[key] !== 'string') return { field, rule: 'a map of strings' };
  return undefined;
};

const container = objectOf({
  name: string,
  env: optional(listOf(objectOf({ name: string }))),
  volumeMounts: optional(listOf(objectOf({ name: string, mountPath: string }))),
});

const pod = objectOf({
  metadata: optional(objectOf({ annotations: optional(stringMap), labels: optional(stringMap) })),
  spec: objectOf({
    serviceAccountName: optional(string),
    containers: listOf(container),
    initContainers: optional(listOf(container)),
    volumes: optional(listOf(objectOf({ name: string }))),
    nodeSelector: optional(stringMap),
  }),
});

/** Returns the object as a pod, or the first part of it that no pod could have. */
export function tryPod(object: JsonObject): Pod | PodProblem {
  return pod(object, 'pod') ?? (object as Pod);
}
