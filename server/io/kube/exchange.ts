/** IO, Kubernetes: one request and its answer over node:http, ended by whatever comes first. Does not try again. */
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../../ports.ts';
import type { KubeAccess } from './access.ts';
import { createTimeLimit, type TimeLimit } from './time-limit.ts';

/** There was no whole answer. */
export interface KubeFailure {
  readonly kind: 'unreachable';
  readonly reason: string;
}

/** The pooled connection was closed before the server saw the request. */
export interface StaleConnection {
  readonly kind: 'stale';
  readonly reason: string;
}

/** Takes the body of one answer. */
export interface Receiver<T> {
  /** How long the body may be silent; absent: the limit of the answer goes on. */
  readonly idleMs?: () => number;
  /** Takes a chunk; returns why the rest is not wanted, if so. */
  take(chunk: Buffer): string | undefined;
  end(): T | KubeFailure;
}

export interface ExchangeOptions<T> {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal: AbortSignal;
  /** Limit for the answer, or for its head when the receiver has an idle limit. */
  readonly limitMs: () => number;
  readonly receiver: (status: number, retryAfterMs: number | undefined) => Receiver<T>;
}

/** For credentials (an exec plugin may ask a cloud), name resolution, TCP and TLS. */
const connectMs = 15_000;

const retryAfterCapMs = 300_000;

/**
 * Reviews get their turn after so much of an answer: a hundred service accounts, a millisecond. Node by itself reads up to
 * 2 MB of one connection before it looks at the others.
 */
const turnLimitBytes = 64 * 1024;

/** Resolves once there is an answer, a fault, a limit is over or the signal says stop; leaves nothing open but a pooled connection. */
export async function exchange<T>(
  access: KubeAccess,
  clock: Clock,
  options: ExchangeOptions<T>,
): Promise<T | KubeFailure | StaleConnection> {
  const over = Promise.withResolvers<T | KubeFailure | StaleConnection>();
  const stop = () => over.resolve(unreachable('stopped'));
  const limit = createTimeLimit(clock, (phase) => over.resolve(unreachable(`no ${phase} within the time limit`)));
  if (options.signal.aborted) return unreachable('stopped');
  options.signal.addEventListener('abort', stop);
  limit.phase('connection', () => connectMs);
  let request: http.ClientRequest | undefined;
  let isOver = false;
  try {
    const prepared = await Promise.race([over.promise, prepare(access, options)]);
    if (!isPrepared(prepared)) return prepared;
    request = transport(access.server)(prepared.url, prepared.options);
    request.on('socket', (socket) => whenConnected(socket, () => isOver || limit.phase('answer', options.limitMs)));
    request.on('error', (error: NodeJS.ErrnoException) => over.resolve(failure(error, request, options.method)));
    request.on('response', (response) =>
      receive(response, { receiverOf: options.receiver, limit, done: over.resolve }),
    );
    request.end(prepared.body);
    return await over.promise;
  } catch (error) {
    return unreachable(`credentials: ${(error as Error).message}`);
  } finally {
    isOver = true;
    limit.clear();
    options.signal.removeEventListener('abort', stop);
    // Does nothing to a connection that has gone back to the pool.
    request?.destroy();
  }
}

interface Prepared {
  readonly url: URL;
  readonly options: https.RequestOptions;
  readonly body: string | undefined;
}

function isPrepared(value: unknown): value is Prepared {
  return (value as Partial<Prepared>).url !== undefined;
}

async function prepare(access: KubeAccess, wanted: ExchangeOptions<unknown>): Promise<Prepared> {
  const options = await access.requestOptions();
  const body = wanted.body === undefined ? undefined : JSON.stringify(wanted.body);
  const headers = {
    ...(options.headers as http.OutgoingHttpHeaders | undefined),
    accept: 'application/json',
    'user-agent': 'pod-identity-webhook',
    ...(body !== undefined && {
      'content-type': wanted.contentType ?? 'application/json',
      'content-length': Buffer.byteLength(body),
    }),
  };
  // The URL may have a path of its own, as behind a gateway that serves many clusters.
  const url = new URL(access.server.pathname.replace(/\/$/, '') + wanted.path, access.server);
  return { url, options: { ...options, method: wanted.method, headers }, body };
}

function transport(server: URL): typeof https.request {
  return server.protocol === 'http:' ? http.request : https.request;
}

function whenConnected(socket: Socket, connected: () => void): void {
  if (!socket.connecting) connected();
  else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
}

interface Receipt<T> {
  readonly receiverOf: ExchangeOptions<T>['receiver'];
  readonly limit: TimeLimit;
  readonly done: (end: T | KubeFailure) => void;
}

function receive<T>(response: http.IncomingMessage, { receiverOf, limit, done }: Receipt<T>): void {
  const receiver = receiverOf(response.statusCode ?? 0, retryAfterMs(response.headers['retry-after']));
  const { idleMs } = receiver;
  let turnBytes = 0;
  if (idleMs) limit.phase('word', idleMs);
  response.on('data', (chunk: Buffer) => {
    if (idleMs) limit.heard();
    const reason = receiver.take(chunk);
    if (reason !== undefined) {
      done(unreachable(reason));
      return void response.destroy();
    }
    turnBytes += chunk.length;
    if (turnBytes < turnLimitBytes) return;
    turnBytes = 0;
    response.pause();
    setImmediate(() => response.resume());
  });
  response.on('end', () => done(receiver.end()));
  response.on('error', (error) => done(unreachable(`the answer broke off: ${error.message}`)));
}

function failure(
  error: NodeJS.ErrnoException,
  request: http.ClientRequest | undefined,
  method: string,
): KubeFailure | StaleConnection {
  const reason = error.message || error.code || error.name;
  // A server that closes an idle connection races with its next use; nothing was done yet, so a GET is safe to repeat.
  if (request?.reusedSocket && error.code === 'ECONNRESET' && method === 'GET') return { kind: 'stale', reason };
  return unreachable(reason);
}

function retryAfterMs(header: string | undefined): number | undefined {
  const seconds = Number(header);
  return header !== undefined && seconds >= 0 ? Math.min(seconds * 1000, retryAfterCapMs) : undefined;
}

function unreachable(reason: string): KubeFailure {
  return { kind: 'unreachable', reason };
}
