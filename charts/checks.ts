/** Charts: how values of any type are checked, and what is said of them. Knows no props. */
import type { FlagFault } from '../contract/flag-fault.ts';
import { nearestName } from '../contract/nearest-name.ts';

/** What is wrong with a prop, in the words of a flag's fault; `flag` is the prop. */
export type PropFault = Omit<FlagFault, 'code'>;

/** Returns what is wrong with a value that is given for a prop. */
export type Check = (value: unknown, prop: string) => readonly PropFault[];

const remedy = 'give such a value, or leave it out for its default';

/** Returns the check of one condition. @param rule follows the prop's name and `must` */
export function must(rule: string, isGood: (value: unknown) => boolean): Check {
  return (value, flag) => (isGood(value) ? [] : [{ flag, received: describe(value), rule: `must ${rule}`, remedy }]);
}

/** Returns the same check for what has no default: it does not say to leave it out. */
export function needed(check: Check): Check {
  return (value, prop) =>
    check(value, prop).map((fault) => (fault.flag === prop ? { ...fault, remedy: 'give such a value' } : fault));
}

/** Returns the check of a list whose items each pass a check. */
export function listOf(check: Check): Check {
  const list = must('be a list', Array.isArray);
  return (value, prop) =>
    Array.isArray(value) ? value.flatMap((item, at) => check(item, `${prop}[${at}]`)) : list(value, prop);
}

/** Returns the check of an object: of each of its fields, of those it must have, and that it has no others. */
export function shape<F extends Readonly<Record<string, Check>>>(
  fields: F,
  ...required: readonly (keyof F & string)[]
): Check {
  const checks = { ...fields, ...Object.fromEntries(required.map((name) => [name, needed(fields[name] as Check)])) };
  return (value, prop) => {
    if (!isObject(value)) return must('be an object', isObject)(value, prop);
    const present = Object.entries(value).filter(([, content]) => content !== undefined);
    const missing = required.filter((name) => value[name] === undefined);
    return [
      ...missing.map((name) => ({ flag: `${prop}.${name}`, rule: 'must be given', remedy: 'give it' })),
      ...present.flatMap(([name, content]) => fieldFaults(checks, { name, content, prop: `${prop}.${name}` })),
    ];
  };
}

/** Returns the fault of a name that is none of those known, with the one that was meant. */
export function unknownName(prop: string, name: string, known: readonly string[]): PropFault {
  const meant = nearestName(name, known);
  return { flag: prop, rule: 'is no prop', remedy: meant ? `write ${meant} if that is meant` : 'leave it out' };
}

function fieldFaults(
  fields: Readonly<Record<string, Check>>,
  { name, content, prop }: { readonly name: string; readonly content: unknown; readonly prop: string },
): readonly PropFault[] {
  const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return check ? check(content, prop) : [unknownName(prop, name, Object.keys(fields))];
}

/** Returns the value in words: as it is where that is short. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' || typeof value === 'function' ? `an ${typeof value}` : String(value);
}

/** Says whether the value is an object that is no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const text = must('be text that is not empty', (value) => typeof value === 'string' && value.trim() !== '');
export const bool = must('be true or false', (value) => typeof value === 'boolean');
/** What the types of Kubernetes say of it, and else the API server. */
export const object = must('be an object', isObject);
export const texts = must(
  'be an object whose values are text',
  (value) => isObject(value) && Object.values(value).every((item) => typeof item === 'string'),
);
const labelValue = matching(
  /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/,
  'be empty, or at most 63 letters, digits, dashes, underscores and dots with a letter or digit at both ends',
);
/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
export const labels: Check = (value, prop) => {
  const faults = texts(value, prop);
  if (faults.length > 0) return faults;
  return Object.entries(value as object).flatMap(([name, item]) => labelValue(item, `${prop}.${name}`));
};
export const pem = must(
  'be a certificate in PEM, from -----BEGIN CERTIFICATE----- on',
  (value) =>
    typeof value === 'string' && /^\s*-----BEGIN CERTIFICATE-----\s[\s\S]+-----END CERTIFICATE-----\s*$/.test(value),
);

/** Returns the check that a value is one of some. */
export function oneOf(...choices: readonly string[]): Check {
  return must(`be one of ${choices.join(', ')}`, (value) => choices.some((choice) => choice === value));
}

/** Returns the check of a whole number. @param what it counts, as ` of seconds` */
export function whole(min: number, max: number, what = ''): Check {
  return must(`be a whole number${what} from ${min} to ${max}`, (value) => {
    return Number.isInteger(value) && min <= (value as number) && (value as number) <= max;
  });
}

/** Returns the check of text by a pattern. @param rule follows the prop's name and `must` */
export function matching(regex: RegExp, rule: string): Check {
  return must(rule, (value) => typeof value === 'string' && regex.test(value));
}
