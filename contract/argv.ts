/** Contract: command line -> flags with their values as text, in pflag's syntax. Does not look into the values. */
import type { FlagFault } from './flag-fault.ts';
import { type FlagKey, flagKeys, flagRows } from './flags.ts';
import { nearestName } from './nearest-name.ts';
import { asFlag, describeValues } from './rules.ts';

/** What an argument says, together with the next one where that is its value. */
export type Token = { readonly key: FlagKey; readonly text: string } | 'help' | FlagFault;

/** A token, and how many arguments it took. */
interface Reading {
  readonly token: Token;
  readonly used: 1 | 2;
}

const keyByName = new Map(flagKeys.map((key) => [dashed(flagRows[key].flag), key]));
const keyByLetter = new Map(flagKeys.map((key) => [flagRows[key].shorthand ?? '', key]));

/** Returns what the arguments say, in their order. Never throws. */
export function readArguments(args: readonly string[]): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < args.length && args[at] !== '--') {
    const { token, used } = readArgument(args, at);
    tokens.push(token);
    at += used;
  }
  const afterFlags = args.slice(at + 1).map((arg) => unexpectedArgument(arg));
  return [...tokens, ...afterFlags];
}

function readArgument(args: readonly string[], at: number): Reading {
  const arg = args[at] ?? '';
  if (arg.startsWith('--')) return readLong(arg.slice(2), args[at + 1]);
  if (arg.startsWith('-') && arg !== '-') return readShort(arg.slice(1), args[at + 1]);
  return one(unexpectedArgument(arg, args[at - 1]));
}

function readLong(body: string, following: string | undefined): Reading {
  const { name, text } = split(body);
  if (name === 'help') return one('help');
  const key = keyByName.get(dashed(name));
  if (!key) return passOver(unknownFlag(`--${name}`), text, following);
  return text === undefined ? takeValue(key, following) : one({ key, text });
}

/** Reads `-v 4`, `-v=4`, `-v4` and `-h`. No flag without a value has a letter, so letters never come in clusters. */
function readShort(body: string, following: string | undefined): Reading {
  const { name, text } = split(body);
  const letter = body.charAt(0);
  const key = keyByLetter.get(letter);
  const long = name.length > 1 ? keyByName.get(dashed(name)) : undefined;
  if (long) return passOver(unknownFlag(`-${name}`, asFlag(long)), text, following);
  if (letter === 'h') return one('help');
  if (!key) return one(unknownFlag(`-${name}`));
  return body.length === 1 ? takeValue(key, following) : one({ key, text: body.slice(body[1] === '=' ? 2 : 1) });
}

function takeValue(key: FlagKey, following: string | undefined): Reading {
  if (flagRows[key].kind === 'bool') return one({ key, text: 'true' });
  // pflag would take the next flag for the value: a forgotten value would then go unseen
  if (following === undefined || isFlag(following)) return one(missingValue(key));
  return { token: { key, text: following }, used: 2 };
}

/** Takes the word after an unknown flag for its value, so that it is no fault of its own. */
function passOver(token: FlagFault, text: string | undefined, following = '-'): Reading {
  return text === undefined && !following.startsWith('-') ? { token, used: 2 } : one(token);
}

function isFlag(arg: string): boolean {
  return arg.startsWith('--') && keyByName.has(dashed(split(arg.slice(2)).name));
}

function one(token: Token): Reading {
  return { token, used: 1 };
}

function split(body: string): { readonly name: string; readonly text?: string } {
  const at = body.indexOf('=');
  return at < 0 ? { name: body } : { name: body.slice(0, at), text: body.slice(at + 1) };
}

function dashed(name: string): string {
  return name.replaceAll('_', '-');
}

function unknownFlag(flag: string, meant = nearestName(flag, flagKeys.map(asFlag))): FlagFault {
  const remedy = meant ? `write ${meant} if that is meant; --help lists all` : '--help lists all';
  return { code: 'UNKNOWN_FLAG', flag, rule: 'is not a flag of this webhook', remedy };
}

function missingValue(key: FlagKey): FlagFault {
  const flag = asFlag(key);
  const rule = `needs a value: ${describeValues(flagRows[key])}`;
  return { code: 'MISSING_VALUE', flag, rule, remedy: `write ${flag}=VALUE` };
}

function unexpectedArgument(received: string, previous = ''): FlagFault {
  const key = keyByName.get(dashed(previous.slice(2)));
  const flag = key && flagRows[key].kind === 'bool' ? asFlag(key) : undefined;
  const remedy = flag ? `write ${flag}=VALUE, with the equals sign` : 'leave it out, or write --FLAG=VALUE';
  return { code: 'UNEXPECTED_ARGUMENT', flag: flag ?? 'argument', received, rule: 'only flags are taken', remedy };
}
