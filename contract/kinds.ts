/** Contract: how a value of each kind is read from text, written as text and told from other values. Knows no rows. */
import { formatDuration, tryParseDuration } from './duration.ts';
import type { FlagKind, KindValues, Severity } from './flag-types.ts';

/** One kind of flag value. */
interface Kind<V> {
  /** What values look like, in words. */
  readonly form: string;
  /** What a value is in JavaScript, in words. */
  readonly type: string;
  /** Returns the value that the text spells, or undefined where it spells none. */
  read(text: string): V | undefined;
  /** Returns the text that `read` takes back. */
  write(value: V): string;
  /** Says whether the value has the kind's JavaScript type. */
  is(value: unknown): boolean;
}

const severities = ['INFO', 'WARNING', 'ERROR', 'FATAL'];
const bools: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);
/** Go's integers, but for its octal `010`: everybody else reads that as ten, so it is better refused. */
const int = /^([+-]?)(0|[1-9]\d*|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i;

function readInt(text: string): number | undefined {
  const [, sign, digits] = int.exec(text) ?? [];
  if (digits === undefined) return undefined;
  // 0 - x, because -x makes -0 of 0
  return sign === '-' ? 0 - Number(digits) : Number(digits);
}

function readSeverity(text: string): Severity | undefined {
  const byName = severities.indexOf(text.toUpperCase());
  const level = byName < 0 ? readInt(text) : byName;
  return isSeverity(level) ? level : undefined;
}

function isSeverity(value: unknown): value is Severity {
  return value === 0 || value === 1 || value === 2 || value === 3;
}

const text = {
  form: 'text',
  type: 'a string',
  read: (text: string) => text,
  write: (value: string) => value,
  is: (value: unknown) => typeof value === 'string',
};

const wholeNumber = {
  form: 'a whole number',
  type: 'a number',
  read: readInt,
  write: String,
  is: (value: unknown) => typeof value === 'number',
};

const kindTable: { readonly [K in FlagKind]: Kind<KindValues[K]> } = {
  string: text,
  traceLocation: text,
  moduleSpec: text,
  int: wholeNumber,
  level: wholeNumber,
  bool: {
    form: 'true or false',
    type: 'a boolean',
    read: (text) => bools.get(text),
    write: String,
    is: (value) => typeof value === 'boolean',
  },
  duration: {
    form: 'a length of time such as 1h30m or 300ms',
    type: 'a Duration',
    read: tryParseDuration,
    write: formatDuration,
    is: (value) => typeof (value as { toMilliseconds?: unknown } | null | undefined)?.toMilliseconds === 'function',
  },
  strings: {
    form: 'comma-separated words',
    type: 'a list of strings',
    read: (text) => (text === '' ? [] : text.split(',')),
    write: (value) => value.join(','),
    is: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  },
  severity: {
    form: `0 to 3, or ${severities.join(', ')}`,
    type: 'one of the numbers 0, 1, 2, 3',
    read: readSeverity,
    write: String,
    is: isSeverity,
  },
};

/** What there is to know of each kind, for code that treats all kinds alike. */
export const kinds: Readonly<Record<FlagKind, Kind<unknown>>> = kindTable;
