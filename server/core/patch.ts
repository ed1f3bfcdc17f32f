/** Core, fifth stage: the difference between two pods as a JSON Patch (RFC 6902). */
import jsonPatch, { type Operation } from 'fast-json-patch';
import type { Pod } from './types.ts';

export type { Operation } from 'fast-json-patch';

/** Returns the operations that turn the one pod into the other. Parts that both share cost nothing. */
export function diffPods(before: Pod, after: Pod): Operation[] {
  return before === after ? [] : jsonPatch.compare(before, after);
}
