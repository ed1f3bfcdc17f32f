/** Contract: argv -> Config, or all that is wrong with it. Pure and strict; opens nothing. */
import { readArguments } from './argv.ts';
import type { FlagFault } from './flag-fault.ts';
import { type Config, type FlagKey, fallbacks } from './flags.ts';
import { asFlag, checkTogether, readValue } from './rules.ts';

/** What a good command line says. */
export interface ParsedFlags {
  /** Every flag's value. */
  readonly config: Config;
  /** The flags that were given, with whatever value. */
  readonly given: ReadonlySet<FlagKey>;
  /** Whether `--help` was asked for; the rest is then left unread. */
  readonly help: boolean;
}

/** Returns what the arguments say in pflag's syntax, or every fault in them. Never throws. */
export function parseFlags(args: readonly string[]): ParsedFlags | { readonly faults: readonly FlagFault[] } {
  const faults: FlagFault[] = [];
  const values = new Map<FlagKey, unknown>();
  for (const token of readArguments(args)) {
    if (token === 'help') return { config: fallbacks, given: new Set(), help: true };
    if ('code' in token) {
      faults.push(token);
      continue;
    }
    const reading = readValue(token.key, token.text);
    if ('fault' in reading) faults.push(reading.fault);
    // a bad value leaves undefined, so that the rules for several flags pass it over
    values.set(token.key, 'fault' in reading ? undefined : join(values.get(token.key), reading.value));
  }
  const config = { ...fallbacks, ...Object.fromEntries(values) };
  const given = new Set(values.keys());
  faults.push(...checkTogether(config, given, asFlag));
  return faults.length > 0 ? { faults } : { config, given, help: false };
}

/** Returns the flag's value after one more occurrence: lists grow, of all else the last one wins. */
function join(earlier: unknown, value: unknown): unknown {
  return Array.isArray(earlier) && Array.isArray(value) ? [...earlier, ...value] : value;
}
