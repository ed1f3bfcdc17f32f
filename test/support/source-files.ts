/** What the architecture rules ask of sources, read by TypeScript's own parser. Judges nothing. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Sources by their path below the root. */
export type SourceTree = Readonly<Record<string, string>>;

/** One import, re-export, dynamic import or import type. */
export interface Import {
  /** A path from the root of the repository, or the name of a package or of a module of Node, `node:fs`. */
  readonly target: string;
  /** Whether only types are imported, so that nothing of it runs. */
  readonly isTypeOnly: boolean;
}

/** One function, method or constructor with a body. */
export interface FunctionFacts {
  readonly name: string;
  /** The first line, from 1. */
  readonly line: number;
  /** Its own lines; a function inside it counts as one, and for itself. */
  readonly lines: number;
  readonly parameters: number;
}

/** What the rules ask of a source file. */
export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly functions: readonly FunctionFacts[];
  /** The lines, from 1, that speak of `process`. */
  readonly processLines: readonly number[];
}

/**
 * Returns what the files of each tree hold.
 * The parser runs in a process of its own, because TypeScript's server complains on stderr now and then when it is ended.
 */
export function readSources(trees: readonly SourceTree[]): readonly (readonly SourceFile[])[] {
  const program = join(import.meta.dirname, 'source-parser.ts');
  const output = execFileSync(process.execPath, [program], { input: JSON.stringify(trees), stdio: 'pipe' });
  return JSON.parse(output.toString());
}
