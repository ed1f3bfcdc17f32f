/** Contract: what a flag's value must fulfil, for the command line and for props alike. Reads no arguments. */
import { formatDuration, milliseconds } from './duration.ts';
import type { FlagFault, FlagFaultCode } from './flag-fault.ts';
import type { AnyFlagRow, DurationValue } from './flag-types.ts';
import { type FlagKey, type FlagProps, flagRows } from './flags.ts';
import { kinds } from './kinds.ts';

/** Returns what a fault calls the flag. */
export type Naming = (key: FlagKey) => string;

/** Calls flags as on the command line: `--token-expiration`. */
export const asFlag: Naming = (key) => `--${flagRows[key].flag}`;

/** Calls flags as among props: `tokenExpiration`. */
export const asProp: Naming = (key) => key;

/** Returns what the row's values look like, in words: `a whole number of seconds from 600 to 86400`. */
export function describeValues(row: AnyFlagRow): string {
  if (row.choices) return `one of ${row.choices.map((choice) => choice || '""').join(', ')}`;
  if (row.pattern) return row.pattern.rule;
  const unit = row.unit ? ` of ${row.unit}` : '';
  const limits = writeLimits(row);
  return `${kinds[row.kind].form}${unit}${limits ? ` from ${limits}` : ''}`;
}

/** Returns the least and the greatest value, `600 to 86400`, or undefined for a row that has not both. */
export function writeLimits({ kind, min, max }: AnyFlagRow): string | undefined {
  if (min === undefined || max === undefined) return undefined;
  return kind === 'duration'
    ? `${formatDuration(milliseconds(min))} to ${formatDuration(milliseconds(max))}`
    : `${min} to ${max}`;
}

/** Returns the default as on the command line, or undefined where it is empty. */
export function writeFallback(row: AnyFlagRow): string | undefined {
  return kinds[row.kind].write(row.fallback) || undefined;
}

/** Returns the value that the text spells for the flag, or the fault. */
export function readValue(key: FlagKey, text: string): { readonly value: unknown } | { readonly fault: FlagFault } {
  const value = kinds[flagRows[key].kind].read(text);
  const code = value === undefined ? 'BAD_VALUE' : misfit(flagRows[key], value);
  return code ? { fault: valueFault(code, asFlag(key), { row: flagRows[key], received: text }) } : { value };
}

/** Returns the fault of a prop's value, which may be of any type, or undefined when the prop may have it. */
export function checkProp(key: FlagKey, value: unknown): FlagFault | undefined {
  const row = flagRows[key];
  const kind = kinds[row.kind];
  if (!kind.is(value)) {
    return { ...valueFault('WRONG_TYPE', key, { row, received: describeType(value) }), rule: `must be ${kind.type}` };
  }
  const code = misfit(row, value);
  return code && valueFault(code, key, { row, received: kind.write(value) });
}

/** Returns the faults of values that are good each by itself; a value that is not is undefined. */
export function checkTogether(config: FlagProps, given: ReadonlySet<FlagKey>, naming: Naming): readonly FlagFault[] {
  const faults = [halfAPair('tlsCert', 'tlsKey'), halfAPair('tlsKey', 'tlsCert'), samePort()];
  return faults.filter((fault) => fault !== undefined);

  function halfAPair(key: FlagKey, other: FlagKey): FlagFault | undefined {
    if (!given.has(key) || given.has(other)) return undefined;
    const rule = `counts only together with ${naming(other)}`;
    return { code: 'HALF_A_PAIR', flag: naming(key), rule, remedy: `give ${naming(other)} as well, or neither` };
  }

  function samePort(): FlagFault | undefined {
    const { port, metricsPort } = config;
    if (port === undefined || port !== metricsPort) return undefined;
    const rule = `must differ from ${naming('port')}, which is ${port} too`;
    const remedy = `give one of them another port, or ${naming('metricsPort')} 0 for none`;
    return { code: 'SAME_PORT', flag: naming('metricsPort'), received: String(metricsPort), rule, remedy };
  }
}

/** Returns the code of what is wrong with a value of the row's kind. */
function misfit(row: AnyFlagRow, value: unknown): FlagFaultCode | undefined {
  if (!isWellFormed(row, value)) return 'BAD_VALUE';
  return isInRange(row, quantity(value)) ? undefined : 'OUT_OF_RANGE';
}

function isWellFormed(row: AnyFlagRow, value: unknown): boolean {
  if (typeof value === 'string') return isTextAllowed(row, value);
  if (Array.isArray(value)) return value.every((item) => /^[^,]+$/.test(item) && isTextAllowed(row, item));
  if (typeof value === 'number') return Number.isInteger(value);
  return typeof value === 'boolean' || Number.isFinite(quantity(value));
}

function isTextAllowed(row: AnyFlagRow, text: string): boolean {
  return (row.pattern?.regex.test(text) ?? true) && (row.choices?.includes(text) ?? true);
}

/** Says whether the limits allow it; what is no quantity (NaN) is within all limits. */
function isInRange(row: AnyFlagRow, amount: number): boolean {
  const { min = amount, max = amount } = row;
  return Number.isNaN(amount) || (min <= amount && amount <= max);
}

/** Returns what is compared with a row's limits; NaN for what is no quantity. */
function quantity(value: unknown): number {
  if (typeof value === 'number') return value;
  return (value as Partial<DurationValue>).toMilliseconds?.() ?? Number.NaN;
}

function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? `the ${typeof value} ${value}` : typeof value;
}

function valueFault(
  code: FlagFaultCode,
  name: string,
  { row, received }: { readonly row: AnyFlagRow; readonly received: string },
): FlagFault {
  const fallback = writeFallback(row);
  const remedy = `give such a value, or leave ${name} out for its default${fallback ? `, ${fallback}` : ''}`;
  return { code, flag: name, received, rule: `must be ${describeValues(row)}`, remedy };
}
