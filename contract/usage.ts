/** Contract: the flag table -> the text of `--help`, in pflag's form. Writes nothing. */
import type { AnyFlagRow, FlagKind, FlagOrigin } from './flag-types.ts';
import { flagKeys, flagRows } from './flags.ts';
import { kinds } from './kinds.ts';

const headings: Readonly<Record<FlagOrigin, string>> = {
  '2019': 'Usage of amazon-eks-pod-identity-webhook:',
  today: 'Flags that the Go webhook has since taken on:',
  ours: 'Flags of this implementation:',
};

/** What pflag calls the types whose name is not that of the kind. */
const typeNames: Partial<Record<FlagKind, string>> = { level: 'Level', bool: '' };

/** Returns the text of `--help`: the 21 flags of 2019 as the readme of that year has them, then the others. */
export function usage(): string {
  return (['2019', 'today', 'ours'] as const).map(writeSection).join('\n');
}

function writeSection(origin: FlagOrigin): string {
  const rows = flagKeys.map((key) => flagRows[key]).filter((row) => row.origin === origin);
  const sorted = rows.sort((one, other) => (one.flag < other.flag ? -1 : 1));
  const width = Math.max(...sorted.map((row) => writeName(row).length));
  const lines = sorted.map((row) => `${writeName(row).padEnd(width)}   ${writeMeaning(row)}\n`);
  return `${headings[origin]}\n${lines.join('')}`;
}

function writeName({ flag, shorthand, kind }: AnyFlagRow): string {
  const letter = shorthand ? `-${shorthand}, ` : '    ';
  return `  ${letter}--${flag} ${typeNames[kind] ?? kind}`.trimEnd();
}

function writeMeaning(row: AnyFlagRow): string {
  const mode = row.mode ? `(${row.mode}) ` : '';
  const fallback = writeDefault(row);
  return `${mode}${row.help}${fallback ? ` (default ${fallback})` : ''}`;
}

/** Returns the default as pflag shows it, or undefined for the zero values that it leaves out. */
function writeDefault({ kind, fallback }: AnyFlagRow): string | undefined {
  const text = kinds[kind].write(fallback);
  if (['', '0', '0s', 'false'].includes(text)) return undefined;
  if (kind === 'strings') return `[${text}]`;
  return kind === 'string' ? JSON.stringify(text) : text;
}
