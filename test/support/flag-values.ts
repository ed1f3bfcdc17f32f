/** Made-up flag values for laws: from each row's own kind, limits, choices and pattern. */
import fc from 'fast-check';
import { milliseconds } from '../../contract/duration.ts';
import type { AnyFlagRow } from '../../contract/flag-types.ts';
import { type Config, type FlagKey, type FlagProps, flagKeys, flagRows } from '../../contract/flags.ts';

const oddUnits = fc.constantFrom('\n', '\u001b', '\u009b', '\u202e', '\ud800', 'é', '😀', '-', '=', ',', '$', '"');

/** Texts of any characters, those that break lines, quotes, names and lists more often than others. */
export const anyText = fc.string({ unit: fc.oneof(fc.string({ minLength: 1, maxLength: 1 }), oddUnits) });

/** Returns values that the flag may have. */
export function goodValues(key: FlagKey): fc.Arbitrary<unknown> {
  const row = flagRows[key];
  const whole = fc.integer({ min: row.min ?? 0, max: row.max ?? 0 });
  if (row.kind === 'bool') return fc.boolean();
  if (row.kind === 'severity') return fc.constantFrom(0, 1, 2, 3);
  if (row.kind === 'duration') return whole.map(milliseconds);
  if (row.kind === 'int' || row.kind === 'level') return whole;
  return row.kind === 'strings' ? fc.array(goodTexts(row).filter((item) => /^[^,]+$/.test(item))) : goodTexts(row);
}

function goodTexts({ choices, pattern }: AnyFlagRow): fc.Arbitrary<string> {
  if (choices) return fc.constantFrom(...choices);
  if (!pattern) return anyText;
  // fast-check makes no strings for lookaheads: leave them out, then keep what the whole pattern allows
  const { source } = pattern.regex;
  return fc.stringMatching(new RegExp(source.replace(/\(\?=.*?\$\)/, ''))).filter((text) => pattern.regex.test(text));
}

/** Returns props that are good each by itself, any number of them. */
export function goodProps(): fc.Arbitrary<FlagProps> {
  const values = Object.fromEntries(flagKeys.map((key) => [key, goodValues(key)]));
  return fc.record(values, { requiredKeys: [] }) as fc.Arbitrary<FlagProps>;
}

/** Returns the values with lengths of time as milliseconds, so that they can be compared. */
export function comparable(config: Config | FlagProps): Readonly<Record<string, unknown>> {
  const entries = Object.entries(config).map(([key, value]) => {
    return [key, typeof value === 'object' && 'toMilliseconds' in value ? value.toMilliseconds() : value] as const;
  });
  return Object.fromEntries(entries);
}
