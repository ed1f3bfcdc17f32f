/** Attacks: runs one as a process of its own, given its name and its target, once it is told to, and writes what became of it. */
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { type AttackName, attacks, words } from './table.ts';

const [name, target] = process.argv.slice(2) as [AttackName, string];
process.stderr.write(`${words.ready}\n`);
// without the word, since the test's process has ended, so does this one
if ((await text(process.stdin)) === words.begin) {
  process.stdout.write(JSON.stringify(await attacks[name](JSON.parse(target))));
}
