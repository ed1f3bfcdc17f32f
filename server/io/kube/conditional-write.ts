/** IO, Kubernetes: one change that is made only if nobody else has made one. Does not try again. */
import type { AccessRule } from '../../../contract/access.ts';
import type { KubeClient, KubeReply } from './client.ts';
import { statusOfReply } from './feed.ts';
import { forbiddenText } from './forbidden.ts';
import type { KubeObject } from './watch-event.ts';

/** How a change ended. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly object: KubeObject }
  /** Somebody else was faster; what is there now must be looked at first. */
  | { readonly kind: 'conflict'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs?: number };

/** One change, and the right that it needs. */
export interface WriteRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly body: unknown;
  readonly access: AccessRule;
  readonly objectName: string;
  readonly signal: AbortSignal;
}

const verbs = { POST: 'create', PUT: 'update', PATCH: 'patch' } as const;

/** Admission of the change by others included. */
const timeoutMs = 30_000;

/** Sends the change. A body of PATCH is a JSON patch. */
export async function writeObject(client: KubeClient, request: WriteRequest): Promise<WriteOutcome> {
  const { method, path, body, signal } = request;
  const reply = await client.send({
    method,
    path: `${path}?fieldManager=pod-identity-webhook`,
    body,
    timeoutMs,
    signal,
    ...(method === 'PATCH' && { contentType: 'application/json-patch+json' }),
  });
  if (reply.kind === 'reply' && reply.status < 300) return { kind: 'written', object: reply.body as KubeObject };
  const { status, reason, retryAfterMs } = statusOfReply(reply);
  if (status === 403) return { kind: 'failed', reason: forbidden(request, reply as KubeReply) };
  if (isConflict(method, status)) return { kind: 'conflict', reason };
  const what = `${verbs[method]}: ${status === 0 ? '' : `${status} `}${reason}`;
  return { kind: 'failed', reason: what, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** A JSON patch whose test fails is answered with 422; an object that is gone with 404. */
function isConflict(method: WriteRequest['method'], status: number): boolean {
  return status === 409 || (method !== 'POST' && status === 404) || (method === 'PATCH' && status === 422);
}

/** The server says 403 too when its own rules forbid it, as in a namespace that is being deleted. */
function forbidden({ access, method, objectName }: WriteRequest, reply: KubeReply): string {
  const { reason } = statusOfReply(reply);
  return `${forbiddenText({ access, verb: verbs[method], objectName })} (${reason})`;
}
