/** Renders docs/behaviour.md from the table of behaviour that the tests keep. Writes no file. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BehaviourRow, BehaviourSection, Origin } from '../test/behaviour/row.ts';
import { behaviourSections } from '../test/behaviour/sections.ts';

const origins: Readonly<Record<Origin, string>> = { '2019': '2019', today: 'Go webhook', ours: 'this program' };

const introduction = `# Behaviour

Generated from [test/behaviour/](../test/behaviour/) by \`npm run generate\`.

What users may rely on, row by row. Since says who has done so first: the readme of 2019, the Go webhook (0.6.17) since then,
or only this program. Each row names the tests that fail when it no longer holds; \`…\` in a name stands for a value.
`;

/** Returns docs/behaviour.md. */
export function behaviourDocument(): string {
  return [introduction, ...behaviourSections.map(writeSection)].join('\n');
}

/** Returns the path of a test from the root, and its name; of a case, its folder. */
export function splitTest(test: string): { readonly path: string; readonly name: string } {
  const [file = '', ...rest] = test.split(': ');
  const name = rest.join(': ');
  if (file === 'cases') return { path: `test/server/core/cases/${name}`, name };
  const suite = `test/${file}.suite.ts`;
  return { path: existsSync(join(import.meta.dirname, '..', suite)) ? suite : `test/${file}.test.ts`, name };
}

function writeSection({ title, rows }: BehaviourSection): string {
  return `## ${title}\n\n| row | behaviour | since | tested by |\n|---|---|---|---|\n${rows.map(writeRow).join('')}`;
}

function writeRow({ id, since, what, tests }: BehaviourRow): string {
  const cells = [`\`${id}\``, what, origins[since], tests.map(writeTest).join('<br>')];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
}

function writeTest(test: string): string {
  const { path, name } = splitTest(test);
  const [file = ''] = test.split(': ', 1);
  const [link, text] = file === 'cases' ? [name.replaceAll('-', ' '), ''] : [file, `: ${escapeHtml(name)}`];
  return `[${link}](../${path})${text}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
