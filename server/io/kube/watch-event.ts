/** IO, Kubernetes: what a line of a watch says. Pure; never throws. */
import type { Annotations, JsonObject } from '../../core/types.ts';
import { createPartReader } from './part-reader.ts';
import { tryReadUsual } from './usual-line.ts';

/** An object of the API, of which only the metadata is known. */
export interface KubeObject extends JsonObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    /** RFC 3339, whole seconds. */
    readonly creationTimestamp?: string;
    readonly annotations?: Annotations | null;
  };
}

/** An error as the API server describes it. */
export interface KubeStatus {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs?: number;
}

export type WatchEvent =
  | { readonly kind: 'put' | 'delete'; readonly object: KubeObject; readonly resourceVersion: string }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string; readonly isInitialEnd: boolean }
  | ({ readonly kind: 'error' } & KubeStatus)
  | { readonly kind: 'garbled' };

/** Marks the bookmark that ends the first state. @see https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists */
const initialEnd = 'k8s.io/initial-events-end';

/** Returns the event of a line, `garbled` if it is none. */
export type DecodeEvent = (line: Buffer) => WatchEvent;

/** Decodes events whose object is wanted as a whole. */
export const decodeEvent: DecodeEvent = (line) => decode(line, (text) => JSON.parse(text.toString()));

/** Decodes events of whose object only the metadata that KubeObject names is wanted; the rest is left out. */
export const decodeMetadataEvent: DecodeEvent = (line) => decode(line, readUsualOrAny);

/** Reads of any line what `decodeMetadataEvent` wants of it, where usual-line.ts gives up. */
export const readAnyLine = createPartReader({
  type: true,
  object: {
    metadata: { name: true, namespace: true, resourceVersion: true, creationTimestamp: true, annotations: true },
    // of an error, which has no metadata
    code: true,
    message: true,
    reason: true,
    details: true,
  },
});

const readUsualOrAny = (text: Buffer): unknown => tryReadUsual(text) ?? readAnyLine(text);

function decode(line: Buffer, read: (text: Buffer) => unknown): WatchEvent {
  try {
    const { type, object } = read(line) as { type: string; object: KubeObject };
    if (type === 'ERROR') return { kind: 'error', ...statusOf(object) };
    const { resourceVersion = '', annotations, name } = object.metadata;
    if (type === 'BOOKMARK') {
      return { kind: 'bookmark', resourceVersion, isInitialEnd: annotations?.[initialEnd] === 'true' };
    }
    if (typeof name !== 'string') return { kind: 'garbled' };
    if (type === 'ADDED' || type === 'MODIFIED') return { kind: 'put', object, resourceVersion };
    if (type === 'DELETED') return { kind: 'delete', object, resourceVersion };
  } catch {
    // told as garbled, like a type that is not known
  }
  return { kind: 'garbled' };
}

/**
 * Returns what a `Status` object says; a body that is none counts as an error of the server.
 * @param httpStatus wins over the body's code, which a proxy may have written
 */
export function statusOf(body: unknown, httpStatus?: number): KubeStatus {
  const { code, message, reason, details } = (body ?? {}) as {
    code?: number;
    message?: string;
    reason?: string;
    details?: { retryAfterSeconds?: number };
  };
  const seconds = details?.retryAfterSeconds;
  return {
    status: httpStatus ?? (typeof code === 'number' ? code : 500),
    reason: message || reason || 'no reason given',
    ...(typeof seconds === 'number' && { retryAfterMs: seconds * 1000 }),
  };
}
