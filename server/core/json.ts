/** Core: what kind of JSON a value is. */
import type { JsonObject } from './types.ts';

/** Says whether the value is an object and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
