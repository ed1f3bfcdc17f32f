/** Core, fifth stage: what is added to a pod, as a JSON Patch (RFC 6902). Takes nothing away and replaces nothing. */

/** One addition to a pod. */
export interface Operation {
  readonly op: 'add';
  /** A JSON Pointer (RFC 6901). */
  readonly path: string;
  readonly value: unknown;
}

/** What is to stand at the end of a list, and where the list is. */
export interface Appendix {
  readonly path: string;
  readonly list: readonly unknown[] | null | undefined;
  readonly added: readonly unknown[];
}

/** Adds what is to be appended to the patch: one operation each, or one for the whole list where there is none yet. */
export function append(patch: Operation[], { path, list, added }: Appendix): void {
  if (added.length === 0) return;
  if (!list) patch.push({ op: 'add', path, value: added });
  else for (const [i, value] of added.entries()) patch.push({ op: 'add', path: `${path}/${list.length + i}`, value });
}
