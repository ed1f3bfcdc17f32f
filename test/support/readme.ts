/** Test support: what README.md tells its readers to run, and what it shows them. Runs nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const text = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

/** Returns the contents of the code blocks in this language, without the indentation of lists. */
function blocks(language: string, from = text): readonly string[] {
  const fences = from.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms'));
  return Array.from(fences, ([, indent = '', body = '']) => body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

/** Every command of README.md, in order. */
export const commands: readonly string[] = blocks('bash').flatMap((block) =>
  block
    .replaceAll(/\\\n\s*/g, '')
    .trim()
    .split('\n'),
);

/** The commands that need a cluster: test/cluster/readme.suite.ts runs them. */
export const clusterCommands = commands.filter((command) => command.startsWith('kubectl '));

/** The service account that README.md shows, in YAML. */
export const shownAccount = blocks('yaml')[0] ?? '';

/** The pod as README.md says that the webhook makes it, in YAML. */
export const shownPod = blocks('yaml', text.slice(text.indexOf('<!-- mutated pod')))[0] ?? '';
