/** The files, and the parts of files, that are rendered from code; scripts/generate.ts writes them, test/drift.test.ts compares them. */
import { flagsDocument, usageBlock } from '../contract/markdown.ts';
import { behaviourDocument } from './behaviour-document.ts';
import { faultsDocument } from './faults-document.ts';
import { productionBlock } from './production-document.ts';

/** A file that code renders, whole or in part. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  /**
   * Returns the file's text as it should be.
   * @param oldText what the file holds now; empty when there is none
   * @throws Error when the file lacks the markers of a generated block
   */
  readonly render: (oldText: string) => string;
}

export const generatedFiles: readonly GeneratedFile[] = [
  { path: 'docs/flags.md', render: flagsDocument },
  { path: 'docs/behaviour.md', render: behaviourDocument },
  { path: 'docs/faults.md', render: faultsDocument },
  { path: 'README.md', render: (oldText) => replaceBlock(oldText, 'usage', usageBlock()) },
  { path: 'docs/performance.md', render: (oldText) => replaceBlock(oldText, 'production', productionBlock()) },
];

/**
 * Returns the text with what stands between `<!-- generated:NAME -->` and `<!-- /generated:NAME -->` replaced.
 * @throws Error when a marker is missing, names it, or when the two are in the wrong order
 */
export function replaceBlock(text: string, name: string, block: string): string {
  const begin = `<!-- generated:${name} -->`;
  const end = `<!-- /generated:${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from + begin.length);
  if (from < 0 || to < 0) throw new Error(`the block ${name} has no place: add the lines ${begin} and ${end}`);
  return `${text.slice(0, from)}${begin}\n\n${block}\n${text.slice(to)}`;
}
