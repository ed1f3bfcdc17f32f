/** Test support: the relative links of Markdown files. Says nothing of those to other sites. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Returns the relative links of a file in a folder that lead to nothing inside it, as they are written. */
export function deadLinks(folder: string, path: string): readonly string[] {
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const links = Array.from(read(path).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g));
  const dead = links.filter(([, file = '', anchor]) => {
    const target = file ? join(dirname(path), file) : path;
    if (target.startsWith('..') || !existsSync(join(folder, target))) return true;
    return anchor !== undefined && !anchors(read(target)).includes(anchor);
  });
  return dead.map(([text]) => text);
}

/** Returns the anchors of the headings, as GitHub makes them. */
function anchors(text: string): readonly string[] {
  return Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
