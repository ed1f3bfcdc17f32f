/** Attacks: runs one as a process of its own, given its name and its target, and writes what became of it. */
import process from 'node:process';
import { type AttackName, attacks } from './table.ts';

const [name, target] = process.argv.slice(2) as [AttackName, string];
process.stdout.write(JSON.stringify(await attacks[name](JSON.parse(target))));
