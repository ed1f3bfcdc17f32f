/** Core: what the annotations of a service account or a pod say, one by one. Decides no precedence between the two. */
import { type Warning, warn } from './faults.ts';
import { type AnnotationName, judgeKey } from './names.ts';
import type { Annotations } from './types.ts';

/** The least and the most seconds that a token may live: the API's least, and a day. */
export const expirationLimits = { min: 600, max: 86_400 } as const;
/** The values of the annotations that are read, by name. */
export type AnnotationValues = Readonly<Partial<Record<AnnotationName, string>>>;

/** What one object's annotations say. */
export interface ReadAnnotations {
  /** How warnings name the object. */
  readonly place: string;
  readonly values: AnnotationValues;
  readonly warnings: readonly Warning[];
  /** Whether none of them is ours, or nearly so. */
  readonly isSilent: boolean;
}

/**
 * Returns those that are read, and a warning for each that is misspelt or misplaced.
 * @param account how warnings name the service account, or undefined for the pod
 */
export function readAnnotations(annotations: Annotations, prefix: string, account?: string): ReadAnnotations {
  const place = account ?? 'pod';
  const values: Partial<Record<AnnotationName, string>> = {};
  const warnings: Warning[] = [];
  let isSilent = true;
  for (const key in annotations) {
    const verdict = judgeKey(key, prefix);
    if (verdict === undefined) continue;
    isSilent = false;
    if (verdict.kind === 'misspelt') warnings.push(warn('ANNOTATION_MISSPELT', place, key, verdict.meant));
    else if (verdict.places.includes(account === undefined ? 'pod' : 'service-account'))
      values[verdict.name] = annotations[key] as string;
    else warnings.push(warn('ANNOTATION_MISPLACED', key));
  }
  return { place, values, warnings, isSilent };
}

/** Returns the lifetime within its limits; no seconds where there is none, or no whole number. */
export function readExpiration(
  text: string | undefined,
  where: string,
): { readonly seconds?: number; readonly warnings: readonly Warning[] } {
  if (text === undefined) return { warnings: [] };
  if (!/^[+-]?\d+$/.test(text.trim())) return { warnings: [warn('EXPIRATION_NOT_INTEGER', where, text)] };
  const seconds = Number(text);
  const { min, max } = expirationLimits;
  if (seconds < min) return { seconds: min, warnings: [warn('EXPIRATION_RAISED', where, text)] };
  if (seconds > max) return { seconds: max, warnings: [warn('EXPIRATION_LOWERED', where, text)] };
  return { seconds, warnings: [] };
}

/** Returns what `sts-regional-endpoints` says; no value where it says neither `true` nor `false`. */
export function readBoolean(
  text: string | undefined,
  account: string,
): { readonly value?: boolean; readonly warnings: readonly Warning[] } {
  if (text === undefined) return { warnings: [] };
  if (text === 'true' || text === 'false') return { value: text === 'true', warnings: [] };
  return { warnings: [warn('STS_ENDPOINTS_NOT_BOOLEAN', account, text)] };
}
