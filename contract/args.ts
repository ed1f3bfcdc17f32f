/** Contract: props -> container arguments, the inverse of parse; and all that is wrong with props. Pure. */
import type { FlagFault } from './flag-fault.ts';
import { type FlagKey, type FlagProps, fallbacks, flagKeys, flagRows } from './flags.ts';
import { kinds } from './kinds.ts';
import { asFlag, asProp, checkProp, checkTogether } from './rules.ts';

/**
 * Returns `--flag=value` for each prop that differs from its fallback or counts when given, in the table's order.
 * Props that are no flags are passed over.
 * @param props without faults, by checkProps
 */
export function flagArgs(props: FlagProps): string[] {
  return givenKeys(props).flatMap((key) => {
    const { kind, fallback, countsWhenGiven } = flagRows[key];
    const text = kinds[kind].write(props[key]);
    return countsWhenGiven || text !== kinds[kind].write(fallback) ? [`${asFlag(key)}=${text}`] : [];
  });
}

/**
 * Returns every fault of the props, by the parser's rules, values of a wrong JavaScript type included.
 * Props that are no flags are passed over; undefined counts as absent.
 */
export function checkProps(props: FlagProps): readonly FlagFault[] {
  const keys = givenKeys(props);
  const single = keys.map((key) => checkProp(key, props[key]));
  const bad = keys.filter((_, at) => single[at]).map((key) => [key, undefined]);
  const config = { ...fallbacks, ...props, ...Object.fromEntries(bad) };
  return [...single.filter((fault) => fault !== undefined), ...checkTogether(config, new Set(keys), asProp)];
}

function givenKeys(props: FlagProps): readonly FlagKey[] {
  return flagKeys.filter((key) => props[key] !== undefined);
}
