/** Contract: the flag table -> Markdown, for docs/flags.md and the README. Writes no file. */
import { type AnyFlagRow, type FlagGroup, type FlagOrigin, flagGroups } from './flag-types.ts';
import { type FlagKey, flagKeys, flagRows } from './flags.ts';
import { describeValues, writeFallback, writeLimits } from './rules.ts';
import { usage } from './usage.ts';

const origins: Readonly<Record<FlagOrigin, string>> = {
  '2019': '2019',
  today: 'Go webhook',
  ours: 'this program',
};

const introduction = `# Flags

Generated from \`contract/flags.ts\` by \`npm run generate\`.

Syntax is that of Go's pflag: \`--flag value\`, \`--flag=value\`, \`--bool\`, \`--bool=false\`; \`-\` and \`_\` are the same in
names. A construct takes each flag as the prop beside it, with the same default but for \`port\`, 8443 in
its pods. Origin says since when the name is known: the readme of 2019,
the Go webhook since then, or only this program.
`;

/** Returns docs/flags.md: a table for each group. */
export function flagsDocument(): string {
  const groups = Object.keys(flagGroups) as readonly FlagGroup[];
  return [introduction, ...groups.map(writeGroup)].join('\n');
}

/** Returns the README's block: what `--help` prints. */
export function usageBlock(): string {
  return `\`\`\`text\n${usage()}\`\`\`\n`;
}

function writeGroup(group: FlagGroup): string {
  const keys = flagKeys.filter((key) => flagRows[key].group === group);
  const head = '| flag | prop | type | default | origin | meaning |\n|---|---|---|---|---|---|\n';
  return `## ${flagGroups[group]}\n\n${head}${keys.map(writeRow).join('')}`;
}

function writeRow(key: FlagKey): string {
  const row = flagRows[key];
  const letter = row.shorthand ? `, \`-${row.shorthand}\`` : '';
  const fallback = writeFallback(row);
  const cells = [
    `\`--${row.flag}\`${letter}`,
    `\`${key}\``,
    describeCell(row),
    fallback === undefined ? '' : `\`${fallback}\``,
    origins[row.origin],
    `${row.help}${row.mode ? ` (${row.mode} only)` : ''}`,
  ];
  return `| ${cells.map(escapeCell).join(' | ')} |\n`;
}

/** Returns type, unit and limits, then what else must hold: `int, seconds, 600 to 86400`, `string: an absolute path`. */
function describeCell(row: AnyFlagRow): string {
  const type = [row.kind, row.unit, writeLimits(row)].filter((part) => part !== undefined).join(', ');
  return row.pattern || row.choices || row.kind === 'severity' ? `${type}: ${describeValues(row)}` : type;
}

/** Returns the text with what would end a cell or start HTML made harmless. */
function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
