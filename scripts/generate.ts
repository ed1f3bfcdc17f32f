/** Writes every generated file that differs from what the code renders, and names it. `npm run generate` */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { generatedFiles } from './generated-files.ts';

process.chdir(dirname(import.meta.dirname));
for (const { path, render } of generatedFiles) {
  const oldText = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const text = render(oldText);
  if (text === oldText) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  process.stdout.write(`wrote ${path}\n`);
}
