/** Contract: what is wrong with a flag or a prop, as a value and as a line of text. Judges nothing itself. */

/** What can be wrong, by code. */
export const flagFaultCodes = {
  UNKNOWN_FLAG: 'No flag has this name.',
  UNEXPECTED_ARGUMENT: 'An argument is neither a flag nor the value of one.',
  MISSING_VALUE: 'The flag takes a value and none follows.',
  BAD_VALUE: 'The value is not of the form that the flag takes.',
  OUT_OF_RANGE: 'The number or the length of time is too small or too great.',
  WRONG_TYPE: 'The prop has a value of another JavaScript type.',
  SAME_PORT: 'Two flags name the same port.',
  HALF_A_PAIR: 'The flag counts only together with another, which is absent.',
} as const;

export type FlagFaultCode = keyof typeof flagFaultCodes;

/** Something wrong with what was given for a flag. */
export interface FlagFault {
  readonly code: FlagFaultCode;
  /** What was at fault, as it was given: `--token-expiration` on the command line, `tokenExpiration` among props. */
  readonly flag: string;
  /** The value received, as text; undefined where the fault is that there is none. */
  readonly received?: string;
  /** What holds for the flag, as a sentence that follows its name. */
  readonly rule: string;
  /** The way out, as a request. */
  readonly remedy: string;
}

/** The longest piece of somebody's input that a fault repeats, in characters: a line stays a line. */
const shownLength = 100;
/** Characters that would break the line or that a terminal would obey: controls, formats, separators, lone surrogates. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Returns the fault in one line: flag or prop, value received, rule, way out, and the code where it has one. */
export function renderFault(fault: Omit<FlagFault, 'code'> & { readonly code?: FlagFaultCode }): string {
  const received = fault.received === undefined ? '' : `got "${printable(fault.received)}"; `;
  const code = fault.code ? ` (${fault.code})` : '';
  return `${printable(fault.flag)}: ${received}${fault.rule}; ${fault.remedy}${code}`;
}

function printable(input: string): string {
  const shown = input.length > shownLength ? `${input.slice(0, shownLength)}…` : input;
  return shown.replace(unprintable, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
