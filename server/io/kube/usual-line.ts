/** IO, Kubernetes: reads a line of a watch that is written as the API server writes it. Pure; leaves every other line to part-reader.ts. */
import type { Annotations } from '../../core/types.ts';

/** What is read of a line. */
export interface UsualLine {
  readonly type: string;
  readonly object: {
    readonly metadata: {
      readonly name: string;
      readonly namespace: string;
      readonly resourceVersion: string;
      readonly creationTimestamp: string;
      readonly annotations?: Annotations;
    };
  };
}

/** Six times the usual. The regular expression takes memory for every byte that it has passed. */
const limitBytes = 4096;

// alternatives differ in their first character, so that none is tried in vain
const text = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
/** Nothing in it is written with a backslash. */
const kept = String.raw`"([^"\\]*)"`;
const number = String.raw`\d+`;
/** An object or a list with no more than so many inside one another. Each level takes memory, once compiled. */
const nested = (depth: number): string =>
  String.raw`[{[](?:[^"{}[\]]|${text}${depth > 1 ? `|${nested(depth - 1)}` : ''})*[}\]]`;
/** Of a service account: secrets are a list of objects. */
const value = String.raw`(?:${text}|[\w.+-]+|${nested(3)})`;
/** A field of an object that has none of those that decodeMetadataEvent reads. */
const other = String.raw`"(?!(?:metadata|code|message|reason|details)")[^"\\]*":${value}`;

/** The fields of Go's ObjectMeta, in the order in which they are written. @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
const metadata = [
  `"name":${kept}`,
  optional('generateName', text),
  `,"namespace":${kept},"uid":${text},"resourceVersion":${kept}`,
  optional('generation', number),
  `,"creationTimestamp":${kept}`,
  optional('deletionTimestamp', text),
  optional('deletionGracePeriodSeconds', number),
  optional('labels', nested(1)),
  optional('annotations', `(${nested(1)})`),
  optional('ownerReferences', nested(2)),
  optional('finalizers', nested(1)),
  // six deep
  optional('managedFields', nested(8)),
].join('');

const usual = new RegExp(
  String.raw`^\{"type":"(\w+)","object":\{(?:${other},)*"metadata":\{${metadata}\}(?:,${other})*\}\}$`,
);

/**
 * Returns what part-reader.ts would read of a line; undefined for one that is written in another way. V8 compiles a regular
 * expression when it is first used, and the reader's loops only after thousands of lines, of which each takes 10 µs until then.
 */
export function tryReadUsual(line: Buffer): UsualLine | undefined {
  const found = line.length > limitBytes ? null : usual.exec(line.toString());
  if (found === null) return undefined;
  const [, type = '', name = '', namespace = '', resourceVersion = '', creationTimestamp = '', annotations] = found;
  const known = { name, namespace, resourceVersion, creationTimestamp };
  if (annotations === undefined) return { type, object: { metadata: known } };
  return { type, object: { metadata: { ...known, annotations: JSON.parse(annotations) } } };
}

function optional(name: string, pattern: string): string {
  return `(?:,"${name}":${pattern})?`;
}
