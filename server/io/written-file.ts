/** IO: replaces a file as a whole. Knows nothing of what it holds. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { systemReason } from './system-error.ts';

/** Says that a file which the program needs to write can not be written; the message names flag, path, reason and way out. */
export class UnwritableFileError extends Error {
  readonly code = 'file-unwritable';

  constructor(flag: string, path: string, cause: unknown) {
    super(
      `--${flag}: cannot write ${path}: ${systemReason(cause)}. ` +
        `Make ${dirname(path)} a folder that this user may write to, or name another place with --${flag}.`,
      { cause },
    );
    this.name = 'UnwritableFileError';
  }
}

/** A file to write, and the flag that asks for it. */
export interface WrittenFile {
  /** The flag that the path comes from, without dashes: the error names it. */
  readonly flag: string;
  readonly path: string;
  readonly text: string;
}

/**
 * Puts the text in place of the file, mode 0600, so that a reader sees the old text or the new one and nothing between;
 * makes the folder, mode 0700, when there is none.
 * @throws UnwritableFileError when the system refuses
 */
export function replaceFile({ flag, path, text }: WrittenFile): void {
  try {
    makeFolder(dirname(resolve(path)));
    replace(path, text);
  } catch (error) {
    throw new UnwritableFileError(flag, path, error);
  }
}

/** One level at a time: Node's own `recursive` never returns where the system says ENOENT below a folder that is there, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // another process was quicker
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function replace(path: string, text: string): void {
  const draft = join(dirname(path), `.${basename(path)}.draft`);
  try {
    writeDraft(draft, text);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the draft of a run that was cut short first: an existing file would keep its own mode. */
function writeDraft(draft: string, text: string): void {
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
