/** Contract: what a row of the flag table holds, and the types derived from the table. Holds no rows itself. */

/** A length of time. cdk8s' `Duration` is one, so a prop takes `Duration.hours(1)`. */
export interface DurationValue {
  /** Returns the length in milliseconds. */
  toMilliseconds(): number;
}

/** klog's severities: 0 INFO, 1 WARNING, 2 ERROR, 3 FATAL. */
export type Severity = 0 | 1 | 2 | 3;

/** The value that a flag of each kind has. The kinds are the types that Go's pflag prints in its usage. */
export interface KindValues {
  string: string;
  int: number;
  bool: boolean;
  duration: DurationValue;
  /** Comma-separated, and may be given several times. */
  strings: readonly string[];
  severity: Severity;
  /** klog's verbosity, 0 and up. */
  level: number;
  /** `file:line`; `:0` is nowhere. */
  traceLocation: string;
  /** Comma-separated `pattern=level` pairs. */
  moduleSpec: string;
}

export type FlagKind = keyof KindValues;

/** Where the flag comes from: the readme of 2019, the Go webhook since then, or this program. */
export type FlagOrigin = '2019' | 'today' | 'ours';

/** What the flag is about: the headings of docs/flags.md, in this order. */
export const flagGroups = {
  identity: 'Identities',
  token: 'Tokens',
  server: 'Server',
  tls: 'Certificates',
  kubernetes: 'Kubernetes API',
  log: 'Logs',
} as const;

export type FlagGroup = keyof typeof flagGroups;

/** One flag of the webhook. */
export interface FlagRow<K extends FlagKind> {
  /** The name on the command line, without dashes. */
  readonly flag: string;
  /** The one-letter form, where there is one. */
  readonly shorthand?: string;
  readonly kind: K;
  /** The value when the flag is absent. */
  readonly fallback: KindValues[K];
  /** What a number counts. Durations are compared with `min` and `max` in milliseconds. */
  readonly unit?: string;
  /** The least value allowed. */
  readonly min?: number;
  /** The greatest value allowed. */
  readonly max?: number;
  /** The only values allowed, where they can be listed. */
  readonly choices?: readonly string[];
  /** What the value must match, with the rule in words for the fault. */
  readonly pattern?: { readonly regex: RegExp; readonly rule: string };
  readonly origin: FlagOrigin;
  readonly group: FlagGroup;
  /** Set where giving the flag says something even when the value is its fallback: it is then never left out of args. */
  readonly countsWhenGiven?: true;
  /** The mode it is for, where it does nothing in the others. */
  readonly mode?: 'in-cluster' | 'out-of-cluster';
  /** One sentence without a full stop, for `--help`. */
  readonly help: string;
}

/** One flag, whatever its kind. */
export type AnyFlagRow = { [K in FlagKind]: FlagRow<K> }[FlagKind];

/** The table's shape: property name to row. */
export type FlagTable = { readonly [key: string]: AnyFlagRow };
