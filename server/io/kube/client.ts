/** IO, Kubernetes: sends requests to the API server, each with time limits. Decides nothing about answers, and never throws. */
import type { Clock } from '../../ports.ts';
import type { KubeAccess } from './access.ts';
import { exchange, type KubeFailure, type Receiver, type StaleConnection } from './exchange.ts';
import { createLineSplitter } from './lines.ts';

/** What the API server answered, whatever the status. */
export interface KubeReply {
  readonly kind: 'reply';
  readonly status: number;
  /** The JSON of the answer; undefined when an error's body is something else. */
  readonly body: unknown;
  /** How long the server asks to wait, in milliseconds; at most five minutes. */
  readonly retryAfterMs?: number;
}

/** How a stream ended: in order, with a status that is not 200, or broken. */
export type StreamEnd = { readonly kind: 'ended' } | KubeReply | KubeFailure;

export interface SendOptions {
  /** Limit for the whole answer, in milliseconds, from the moment there is a connection. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface StreamOptions {
  /** How long the stream may be silent, in milliseconds; asked anew whenever it has been. */
  readonly idleMs: () => number;
  readonly signal: AbortSignal;
  /** Gets each line; it is valid only during the call. */
  readonly onLine: (line: Buffer) => void;
}

/** A request that changes something, or a GET. */
export interface KubeRequest extends SendOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
}

/** The API server, reached over pooled connections. */
export interface KubeClient {
  /** Where it is, for the log. */
  readonly server: string;
  get(path: string, options: SendOptions): Promise<KubeReply | KubeFailure>;
  send(request: KubeRequest): Promise<KubeReply | KubeFailure>;
  /** Hands on the lines of a long answer; resolves when it ends. */
  stream(path: string, options: StreamOptions): Promise<StreamEnd>;
  close(): void;
}

export interface KubeClientOptions {
  readonly access: KubeAccess;
  readonly clock: Clock;
}

/** The longest answer that is read whole: a page of 500 objects at 40 kB each, above what etcd's limits make likely. */
const bodyLimitBytes = 20 * 1024 * 1024;

/** The longest watch event: an object is at most 1.5 MiB in etcd (3 MiB with managedFields of the worst kind). */
const lineLimitBytes = 4 * 1024 * 1024;

/** For the head of a stream's answer; it comes at once unless the server queues the request. */
const streamHeadMs = 30_000;

/** Returns a client of the API server. A 401 makes it read the credentials again and ask once more. */
export function createKubeClient({ access, clock }: KubeClientOptions): KubeClient {
  const send = (request: KubeRequest) =>
    twice(access, () =>
      exchange(access, clock, {
        ...request,
        limitMs: () => request.timeoutMs,
        receiver: (status, retryAfterMs) => wholeBody(status, retryAfterMs),
      }),
    );

  return {
    send,
    get: (path, options) => send({ ...options, method: 'GET', path }),
    stream(path, { idleMs, signal, onLine }) {
      const receiver = (status: number, retryAfterMs: number | undefined): Receiver<StreamEnd> =>
        status === 200 ? lines(onLine, idleMs) : wholeBody(status, retryAfterMs);
      return twice(access, () =>
        exchange(access, clock, { method: 'GET', path, signal, limitMs: () => streamHeadMs, receiver }),
      );
    },
    server: access.server.origin,
    close: () => access.close(),
  };
}

/** Asks again once: after a 401 with credentials read anew, and when the server had just closed the pooled connection. */
async function twice<T>(
  access: KubeAccess,
  ask: () => Promise<T | KubeFailure | StaleConnection>,
): Promise<T | KubeFailure> {
  const first = await ask();
  const isUnauthorized = isReply(first) && first.status === 401;
  if (isUnauthorized) access.refresh();
  if (!isUnauthorized && !isStale(first)) return first;
  const second = await ask();
  return isStale(second) ? { kind: 'unreachable', reason: second.reason } : second;
}

function isStale(end: unknown): end is StaleConnection {
  return (end as { kind?: string }).kind === 'stale';
}

function isReply(end: unknown): end is KubeReply {
  return (end as { kind?: string }).kind === 'reply';
}

function wholeBody(status: number, retryAfterMs: number | undefined): Receiver<KubeReply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    take(chunk) {
      chunks.push(chunk);
      bytes += chunk.length;
      return bytes <= bodyLimitBytes ? undefined : `the answer is longer than ${bodyLimitBytes} bytes`;
    },
    end() {
      const body = parse(Buffer.concat(chunks));
      if (body === undefined && status < 300) return { kind: 'unreachable', reason: 'the answer is not JSON' };
      return { kind: 'reply', status, body, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    },
  };
}

function lines(onLine: (line: Buffer) => void, idleMs: () => number): Receiver<StreamEnd> {
  const splitter = createLineSplitter(lineLimitBytes, onLine);
  return {
    idleMs,
    take: (chunk) => (splitter.push(chunk) ? undefined : `a line is longer than ${lineLimitBytes} bytes`),
    end: () =>
      splitter.heldBytes === 0 ? { kind: 'ended' } : { kind: 'unreachable', reason: 'the stream ended within a line' },
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
