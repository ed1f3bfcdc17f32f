/** Contract: Go's duration syntax (https://pkg.go.dev/time#ParseDuration), both ways. Pure. */
import type { DurationValue } from './flag-types.ts';

/** In the order in which they are tried: `ms` before `m`. */
const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
// esbuild escapes µ in a text, not in a regular expression, and main.js is to stay ASCII
const part = new RegExp(String.raw`(\d+\.?\d*|\.\d+)(${Object.keys(unitMs).join('|')})`, 'gy');

/** Returns a length of time of so many milliseconds. */
export function milliseconds(ms: number): DurationValue {
  return { toMilliseconds: () => ms };
}

/** Returns the length that Go's syntax spells (`1h30m`, `300ms`, `-1.5s`), or undefined where it spells none. */
export function tryParseDuration(text: string): DurationValue | undefined {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return milliseconds(0);
  let ms = 0;
  let end = 0;
  part.lastIndex = 0;
  for (let match = part.exec(unsigned); match; match = part.exec(unsigned)) {
    ms += Number(match[1]) * (unitMs[match[2] as string] as number);
    end = part.lastIndex;
  }
  if (end === 0 || end !== unsigned.length) return undefined;
  // Go counts whole nanoseconds; without this 16.147s would be 16146.999999999998 ms, which is written as 16.146s
  const rounded = Number(ms.toFixed(6));
  return milliseconds(text.startsWith('-') ? -rounded : rounded);
}

/** Returns the length as Go prints it: `8760h0m0s`, `1m0s`, `300ms`, `0s`. Whole milliseconds; finer parts are dropped. */
export function formatDuration(value: DurationValue): string {
  const total = Math.trunc(value.toMilliseconds());
  const sign = total < 0 ? '-' : '';
  const ms = Math.abs(total);
  if (ms < 1000) return ms === 0 ? '0s' : `${sign}${ms}ms`;
  const seconds = `${(ms % 60_000) / 1000}s`;
  const minutes = Math.floor(ms / 60_000) % 60;
  const hours = Math.floor(ms / 3_600_000);
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}
