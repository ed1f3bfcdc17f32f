/** Bench: Markdown tables and the numbers in them. */
import type { Summary } from './statistics.ts';

/** Returns a table; the first row is its head. */
export function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** Returns `median (min..max)` with so many decimals. */
export function spread({ median, min, max }: Summary, decimals = 0): string {
  return `${decimal(median, decimals)} (${decimal(min, decimals)}..${decimal(max, decimals)})`;
}

/** Returns the number with so many decimals and commas between thousands. */
export function decimal(value: number, decimals = 0): string {
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
