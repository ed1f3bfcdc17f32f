/** Bench: numbers of many runs as one. Pure. */

/** The middle of some values and their range. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Returns the least value that at least that share of the values does not exceed (nearest rank).
 * @param share above 0, at most 1
 * @throws for no values
 */
export function percentile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error('a percentile of no values');
  return value;
}

/** Returns the quantiles that latencies are told by. */
export function quantiles(latencies: Iterable<number>): {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
} {
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), max: percentile(latencies, 1) };
}

/** Returns the median, of an even number of values the mean of the middle two, with the range. */
export function summarize(values: readonly number[]): Summary {
  const sorted = Float64Array.from(values).sort();
  const at = (index: number) => sorted.at(index) ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, min: at(0), max: at(-1) };
}

/** Returns the quotients of values taken in the same round. */
export function ratios(values: readonly number[], others: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (others[round] ?? Number.NaN));
}
