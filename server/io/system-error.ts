/** IO: words for what the system refuses. Decides nothing. */

/** Returns the system's reason without the path, which the caller names: `EACCES: permission denied`. */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const isSystem = error instanceof Error && 'syscall' in error;
  return isSystem ? message.replace(/, \w+( '.*')?$/s, '') : message;
}
