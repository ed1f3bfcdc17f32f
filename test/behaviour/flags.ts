/** Behaviour: the command line. What each flag does stands with the other rows. */
import type { BehaviourSection } from './row.ts';

export const flags: BehaviourSection = {
  title: 'Flags',
  rows: [
    {
      id: 'flags-of-2019',
      since: '2019',
      what: "All 21 flags of the readme of 2019, with their names and defaults, as `--help` printed them then; [flags.md](flags.md) has them, and all others, with the construct's props.",
      tests: [
        'contract/usage: the first section is that of 2019: names, types, columns, modes and defaults',
        'server/main: --help prints the usage',
      ],
    },
    {
      id: 'flags-of-the-go-webhook',
      since: 'today',
      what: "All flags that the Go webhook 0.6.17 has besides, klog's among them, with its defaults but for `service-account-lookup-grace-period`: 1s instead of 0s.",
      tests: [
        'contract/flags: every flag of the Go webhook is there with its default',
        'contract/usage: the sections after it have headings of their own and the flags in alphabetical order',
      ],
    },
    {
      id: 'flag-syntax',
      since: '2019',
      what: "Go's pflag: `--flag value`, `--flag=value`, `--bool`, `--bool=false`, `-v 4`, `-v=4`, `--v=4`; durations `8760h0m0s`, `300ms`; `-` and `_` are the same in names.",
      tests: [
        'contract/parse: reads `…`',
        'contract/parse: every spelling of a bool that Go reads is read, and no other',
        'contract/duration: reads … as … ms',
      ],
    },
    {
      id: 'flag-faults',
      since: 'ours',
      what: 'Bad and unknown flags: all faults at once on standard error, with the usage hint and exit code 2, before anything is opened.',
      tests: [
        'server/main: all faulty flags are named at once, and nothing is opened',
        'contract/parse: all faults are found at once, in the order of the arguments',
      ],
    },
    {
      id: 'flag-version',
      since: 'today',
      what: '`--version` prints the version and ends with 0.',
      tests: ['server/main: … prints the version'],
    },
    {
      id: 'flags-of-tls',
      since: 'today',
      what: "`--tls-cipher-suites` takes Go's and IANA's names, `--tls-min-version` 1.0 to 1.3.",
      tests: [
        'server/io/tls/offer: … is … to OpenSSL, which has it',
        'server/io/tls/offer: least version … is …',
        'server/io/tls/offer: an unknown suite is a fault that names it',
      ],
    },
    {
      id: 'flags-of-klog',
      since: '2019',
      what: "klog's flags choose where lines go and which ones: to standard error or to files by severity, by verbosity and by module, with a stack at one position. The lines are JSON.",
      tests: [
        'server/io/log/outlets: …: standard error from severity …, … files',
        'server/io/log/outlets: gives log_dir a file for each severity that gets the greater ones too',
        'server/io/log/outlets: gives each severity its own file alone with one_output',
        'server/io/log/outlets: counts log_file_max_size in MiB, 0 as no limit',
        'server/io/log/verbosity: gives … level … by v=1, vmodule=…',
        'server/io/log/backtrace: adds the stack to lines logged at the position, by every method, and to no others',
        'server/io/log: puts the folder before the file with add_dir_header',
        'server/io/log: leaves out time, level and caller with skip_headers',
        'server/main: every line of the log is JSON, down to the last',
      ],
    },
    {
      id: 'flag-resync-period',
      since: 'today',
      what: '`--resync-period` is how often files that are followed are read again though nothing seems to have changed.',
      tests: ['server/io/followed-file: reads everything again after the resync period, whatever stat says'],
    },
    {
      id: 'flags-as-props',
      since: 'ours',
      what: 'The constructs take every flag as a prop.',
      tests: [
        'charts/pod: whatever flags are given as props, the server reads them from the arguments',
        'contract/args: the parser gives back what the args say of …',
      ],
    },
  ],
};
