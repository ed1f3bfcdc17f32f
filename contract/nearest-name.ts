/** Contract: the name that a mistyped one was meant to be. Knows no flags. */

/** The longest name that is compared, in characters: the cost grows with its length, and nothing longer is a typing error. */
const maxLength = 60;

/** Returns the name that is nearest, if it is near: at most a third of its letters are wrong. Sees through camelCase and `_`. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  if (typed.length > maxLength) return undefined;
  const wanted = kebab(typed);
  const ranked = names
    .map((name) => ({ name, edits: countEdits(wanted, kebab(name)) }))
    .sort((one, other) => one.edits - other.edits);
  const best = ranked[0];
  return best && best.edits <= best.name.length / 3 ? best.name : undefined;
}

function kebab(name: string): string {
  const words = name.replaceAll('_', '-').replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`);
  return words.toLowerCase();
}

/** Returns how many letters must be put in, left out or changed to make one of the other (Levenshtein's distance). */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const letter of from) {
    const above = row;
    row = [(above[0] ?? 0) + 1];
    for (let at = 0; at < to.length; at++) {
      const changed = (above[at] ?? 0) + (letter === to[at] ? 0 : 1);
      row.push(Math.min(changed, (above[at + 1] ?? 0) + 1, (row[at] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}
