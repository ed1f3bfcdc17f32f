/** Renders docs/faults.md from the catalogues of faults. Writes no file. */
import { flagFaultCodes } from '../contract/flag-fault.ts';
import { reasons, requestFaults, warnings } from '../server/core/faults.ts';
import { survivedFaults } from '../server/core/survived-faults.ts';

const introduction = `# Faults

Generated from \`contract/flag-fault.ts\`, \`server/core/faults.ts\` and
\`server/core/survived-faults.ts\` by \`npm run generate\`. In texts, … stands for a name or
a value.
`;

/** Returns docs/faults.md: a section for each catalogue, in the order in which users meet them. */
export function faultsDocument(): string {
  return [
    introduction,
    section({
      title: 'Why a pod was given credentials or not',
      about:
        'The `reason` of the log line about a review, and of `pod_identity_webhook_decisions_total`, which has the codes of refused requests there too.',
      head: ['reason', 'meaning'],
      rows: Object.entries(reasons),
    }),
    section({
      title: 'Warnings',
      about: 'The pod is admitted, and whoever created it is told. `kubectl` prints them.',
      head: ['code', 'when', 'text'],
      rows: Object.entries(warnings).map(([code, { when, text }]) => [code, when, quoteText(text)]),
    }),
    section({
      title: 'Refused requests',
      about:
        'Requests that get no review. The API server admits the pod or not as the `failurePolicy` of the registration says.',
      head: ['code', 'status', 'text'],
      rows: Object.entries(requestFaults).map(([code, { status, text }]) => [code, String(status), quoteText(text)]),
    }),
    section({
      title: 'Flags',
      about: 'The webhook names all faults of its command line at once and ends with 2.',
      head: ['code', 'meaning'],
      rows: Object.entries(flagFaultCodes),
    }),
    section({
      title: 'While it runs',
      about:
        'The webhook goes on after each of these, counts them in `pod_identity_webhook_faults_total`, and says more in its log.',
      head: ['code', 'meaning'],
      rows: Object.entries(survivedFaults),
    }),
  ].join('\n');
}

interface Section {
  readonly title: string;
  readonly about: string;
  readonly head: readonly string[];
  /** The first cell is a code. */
  readonly rows: readonly (readonly string[])[];
}

function section({ title, about, head, rows }: Section): string {
  const lines = rows.map(([code = '', ...cells]) => line([`\`${code}\``, ...cells]));
  return `## ${title}\n\n${about}\n\n${line(head)}|${'---|'.repeat(head.length)}\n${lines.join('')}`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
}

/** Returns the words of a fault as code, with an ellipsis for each value. */
function quoteText(text: (...values: never[]) => string): string {
  const values = Array.from({ length: text.length }, () => '…');
  return `\`${text(...(values as never[]))}\``;
}
