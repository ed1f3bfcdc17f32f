/** Bench: the command line. Reads no environment. */
import { parseArgs } from 'node:util';

/** The parts of the bench, in the order in which they run. */
export const sectionNames = ['throughput', 'latency', 'memory', 'start', 'lost'] as const;

export type SectionName = (typeof sectionNames)[number];

/** What to measure and how long. */
export interface Options {
  readonly sections: readonly SectionName[];
  /** Of each measurement against the clock. */
  readonly seconds: number;
  /** How many times each figure is taken; one more, before, is thrown away. */
  readonly rounds: number;
  readonly connections: number;
  /** Requests a second of the open loop. */
  readonly rate: number;
  readonly accounts: number;
  /** Of `memory`, besides. */
  readonly manyAccounts: number;
  readonly serverCore: number;
  readonly clientCore: number;
}

const defaults = {
  seconds: 3,
  rounds: 5,
  connections: 16,
  rate: 2000,
  accounts: 50_000,
  'many-accounts': 200_000,
  'server-core': 0,
  'client-core': 1,
};

/** How to call the bench. */
export const usage = `Usage: npm run bench -- [${sectionNames.join(' | ')} ...] [flags]
${Object.entries(defaults)
  .map(([name, value]) => `  --${name} N (default ${value})`)
  .join('\n')}
PEER="command ..." in the environment names another webhook to compare with; the webhook's flags are appended.`;

/**
 * Returns the options.
 * @throws for a flag or section that does not exist, or a value that is no number
 */
export function parseOptions(args: readonly string[]): Options {
  const names = Object.keys(defaults) as (keyof typeof defaults)[];
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  });
  const number = (name: keyof typeof defaults): number => {
    const value = Number(values[name] ?? defaults[name]);
    if (Number.isFinite(value) && value >= 0) return value;
    throw new Error(`--${name}=${values[name]}: must be a number, 0 or more\n${usage}`);
  };
  const unknown = positionals.filter((name) => !sectionNames.some((section) => section === name));
  if (unknown.length > 0) throw new Error(`no such part of the bench: ${unknown.join(', ')}\n${usage}`);
  return {
    sections: sectionNames.filter((name) => positionals.length === 0 || positionals.includes(name)),
    seconds: number('seconds'),
    rounds: number('rounds'),
    connections: number('connections'),
    rate: number('rate'),
    accounts: number('accounts'),
    manyAccounts: number('many-accounts'),
    serverCore: number('server-core'),
    clientCore: number('client-core'),
  };
}
