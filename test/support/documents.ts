/** Test support: what README.md and docs/ tell their readers to run, and what they show. Runs nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './program.ts';

/** The documents whose commands are run, in the order in which one after the other can be: the last removes all. */
const paths = ['README.md', 'docs/troubleshooting.md', 'docs/install.md'];
const texts = paths.map((path) => readFileSync(join(root, path), 'utf8'));
const [readme = ''] = texts;

/** Returns the contents of the code blocks in this language, without the indentation of lists. */
function blocks(language: string, text: string): readonly string[] {
  const fences = text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms'));
  return Array.from(fences, ([, indent = '', body = '']) => body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

/** Every command of the documents, in order, each once. */
export const commands: readonly string[] = [
  ...new Set(
    texts
      .flatMap((text) => blocks('bash', text))
      .flatMap((block) =>
        block
          .replaceAll(/\\\n\s*/g, '')
          .trim()
          .split('\n'),
      ),
  ),
];

/** The commands that render manifests into dist/. */
export const synthCommands = commands.filter((command) => / synth\b/.test(command));

/** The commands that need a cluster, and those that make what it runs: test/cluster/readme.suite.ts runs them. */
export const clusterCommands = commands.filter(
  (command) => /^(kubectl|make image|make cluster-)/.test(command) || synthCommands.includes(command),
);

/** The image that the commands make. */
export const shownImage =
  commands.map((command) => /^make image IMAGE=(\S+)$/.exec(command)?.[1]).find((image) => image !== undefined) ?? '';

/** The programs in TypeScript that the documents show. */
export const shownPrograms = texts.flatMap((text) => blocks('ts', text));

/** The choices of the prop `certificates` that the documents show, as expressions. */
export const shownCertificates = texts
  .flatMap((text) => Array.from(text.matchAll(/^\| `(Certificates\..*?)`/gm), ([, expression = '']) => expression))
  .filter((expression) => expression !== '');

/** The service account that README.md shows, in YAML. */
export const shownAccount = blocks('yaml', readme)[0] ?? '';

/** The pod as README.md says that the webhook makes it, in YAML. */
export const shownPod = blocks('yaml', readme.slice(readme.indexOf('<!-- mutated pod')))[0] ?? '';
