/** Core: the ConfigMap of identities, in kOps' format. Reads no API and judges no value beyond its type. */
import { isObject } from './json.ts';
import type { ConfigMapIdentity, ServiceAccountRef } from './types.ts';

/** One key of the ConfigMap and what it says. */
export interface ConfigMapEntry {
  /** As written: `<namespace>/<name>`, `*` and `?` in both halves. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly identity: ConfigMapIdentity;
}

/** A part of the ConfigMap that is ignored; the message names it, what was found, and the rule. */
export interface ConfigMapFault {
  readonly code: 'config-map-not-json' | 'config-map-bad-key' | 'config-map-bad-entry' | 'config-map-bad-field';
  readonly message: string;
}

/** What is good in the ConfigMap, and what is not. */
export interface DecodedConfigMap {
  readonly entries: readonly ConfigMapEntry[];
  readonly faults: readonly ConfigMapFault[];
}

/** Says whether the fault leaves the rest of the ConfigMap usable; else what it said before goes on counting. */
export function isPartialFault({ code }: { readonly code: string }): boolean {
  return code === 'config-map-bad-key' || code === 'config-map-bad-entry' || code === 'config-map-bad-field';
}

/** Returns the entries that are good, each with the fields that are good, and a fault for everything else. Never throws. */
export function decodeConfigMapIdentities(json: string): DecodedConfigMap {
  const root = tryParse(json);
  if (!isObject(root)) {
    const message = `the ConfigMap's key "config" must hold a JSON object {"<namespace>/<name>": {"RoleARN": "..."}}`;
    return { entries: [], faults: [{ code: 'config-map-not-json', message }] };
  }
  const decoded = Object.entries(root).map(([key, value]) => decodeEntry(key, value));
  return { entries: decoded.flatMap(({ entries }) => entries), faults: decoded.flatMap(({ faults }) => faults) };
}

function tryParse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function decodeEntry(key: string, value: unknown): DecodedConfigMap {
  const [namespace, name, ...rest] = key.split('/');
  if (!namespace || !name || rest.length > 0) {
    const message = `key ${JSON.stringify(key)} must be <namespace>/<name>, with one slash; the entry is ignored`;
    return { entries: [], faults: [{ code: 'config-map-bad-key', message }] };
  }
  if (!isObject(value)) {
    const message = `entry ${JSON.stringify(key)} must be an object, not ${kind(value)}; it is ignored`;
    return { entries: [], faults: [{ code: 'config-map-bad-entry', message }] };
  }
  const fields = Object.entries(value).map(([field, content]) => decodeField(key, field, content));
  const identity: ConfigMapIdentity = Object.assign({}, ...fields.map((field) => field.identity));
  return { entries: [{ key, namespace, name, identity }], faults: fields.flatMap((field) => field.fault ?? []) };
}

interface FieldRule {
  readonly to: keyof ConfigMapIdentity;
  readonly spelling: string;
  readonly rule: string;
  readonly isGood: (value: unknown) => boolean;
}

const isText = (value: unknown) => typeof value === 'string';
/** By lower-case name: Go's decoder, and so the Go webhook, takes any case. */
const fieldRules: ReadonlyMap<string, FieldRule> = new Map(
  (
    [
      { to: 'roleArn', spelling: 'RoleARN', rule: 'a string', isGood: isText },
      { to: 'audience', spelling: 'Audience', rule: 'a string', isGood: isText },
      { to: 'useRegionalSts', spelling: 'UseRegionalSTS', rule: 'a boolean', isGood: (v) => typeof v === 'boolean' },
      {
        to: 'tokenExpiration',
        spelling: 'TokenExpiration',
        rule: 'a whole number of seconds',
        isGood: Number.isSafeInteger,
      },
    ] satisfies readonly FieldRule[]
  ).map((rule) => [rule.spelling.toLowerCase(), rule]),
);

/** `null` is Go's way to write that a field is not set. */
function decodeField(key: string, field: string, value: unknown) {
  const known = fieldRules.get(field.toLowerCase());
  if (known !== undefined && value === null) return {};
  if (known?.isGood(value)) return { identity: { [known.to]: value } };
  const names = Array.from(fieldRules.values(), ({ spelling }) => spelling).join(', ');
  const what = known ? `must be ${known.rule}, not ${kind(value)}` : `is none of ${names}`;
  const message = `field ${JSON.stringify(field)} of entry ${JSON.stringify(key)} ${what}; the field is ignored`;
  return { fault: { code: 'config-map-bad-field', message } as const };
}

function kind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'number' ? String(value) : `of type ${typeof value}`;
}

/** Entries arranged so that the one for a service account is found fast. */
export interface ConfigMapIndex {
  readonly exact: ReadonlyMap<string, ConfigMapEntry>;
  /** Entries with globs, the most specific first: by their name or namespace where that half is exact, and the rest. */
  readonly byName: ReadonlyMap<string, readonly ConfigMapEntry[]>;
  readonly byNamespace: ReadonlyMap<string, readonly ConfigMapEntry[]>;
  readonly rest: readonly ConfigMapEntry[];
  /** Whether there are entries with globs at all. */
  readonly hasGlobs: boolean;
}

/** Returns the entries arranged for `matchConfigMapIdentity`. */
export function indexConfigMapEntries(entries: readonly ConfigMapEntry[]): ConfigMapIndex {
  const globs = entries.filter(({ key }) => isGlob(key)).sort(compareSpecificity);
  return {
    exact: new Map(entries.filter(({ key }) => !isGlob(key)).map((entry) => [entry.key, entry])),
    byName: Map.groupBy(
      globs.filter(({ name }) => !isGlob(name)),
      ({ name }) => name,
    ),
    byNamespace: Map.groupBy(
      globs.filter(({ namespace }) => !isGlob(namespace)),
      ({ namespace }) => namespace,
    ),
    rest: globs.filter(({ namespace, name }) => isGlob(namespace) && isGlob(name)),
    hasGlobs: globs.length > 0,
  };
}

/**
 * Returns what the most specific matching key says, or undefined when none matches. A key without globs wins over all
 * others; then the one with more literal characters; then the one with fewer `*`; then the one that sorts first.
 */
export function matchConfigMapIdentity(index: ConfigMapIndex, ref: ServiceAccountRef): ConfigMapIdentity | undefined {
  const exact = index.exact.get(`${ref.namespace}/${ref.name}`);
  if (exact) return exact.identity;
  if (!index.hasGlobs) return undefined;
  const lists = [index.byName.get(ref.name), index.byNamespace.get(ref.namespace), index.rest];
  const best = lists.flatMap((list) => list?.find((entry) => isMatch(entry, ref)) ?? []).sort(compareSpecificity);
  return best[0]?.identity;
}

function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

function isMatch({ namespace, name }: ConfigMapEntry, ref: ServiceAccountRef): boolean {
  return matchesGlob(namespace, ref.namespace) && matchesGlob(name, ref.name);
}

/** Negative when `one` is the more specific. Keys are unique, so the order is total. */
function compareSpecificity(one: ConfigMapEntry, other: ConfigMapEntry): number {
  const literals = (key: string) => key.replace(/[*?]/g, '').length;
  const stars = (key: string) => key.split('*').length;
  const order = literals(other.key) - literals(one.key) || stars(one.key) - stars(other.key);
  return order || (one.key < other.key ? -1 : 1);
}

/**
 * Says whether the whole text fits the pattern: `*` is any run of characters, `?` any one. Only the last `*` seen is ever
 * widened (an earlier one cannot help), so the time is at most the product of the lengths.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      resume = i;
    } else if (pattern[at] === '?' || pattern[at] === text[i]) {
      at++;
      i++;
    } else if (star < 0) {
      return false;
    } else {
      at = star + 1;
      i = ++resume;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
