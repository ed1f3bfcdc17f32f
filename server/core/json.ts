/** Core: what kind of JSON a value is. Never shows the value. */
import type { JsonObject } from './types.ts';

/** Says whether the value is an object and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the kind of the value in words, for faults, which never repeat a pod's content. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
