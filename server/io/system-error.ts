/** IO: words for what was thrown and for what the system refuses. Decides nothing. */

/** Returns the message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns the system's reason without the path, which the caller names: `EACCES: permission denied`. */
export function systemReason(error: unknown): string {
  const isSystem = error instanceof Error && 'syscall' in error;
  return isSystem ? messageOf(error).replace(/, \w+( '.*')?$/s, '') : messageOf(error);
}
