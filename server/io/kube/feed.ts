/** IO, Kubernetes: what a list and a watch of one resource share. */
import type { Clock, Metrics, Random } from '../../ports.ts';
import type { KubeClient, KubeReply } from './client.ts';
import type { KubeFailure } from './exchange.ts';
import { type DecodeEvent, type KubeObject, type KubeStatus, statusOf } from './watch-event.ts';

/** Keeps the state of one resource. `begin` to `commit` builds a new state beside the old one, which serves until then. */
export interface ObjectHandler {
  /** Begins a new state; one that was begun before is thrown away. */
  begin(): void;
  put(object: KubeObject): void;
  delete(object: KubeObject): void;
  /** The new state is whole and replaces the old one. */
  commit(): void;
  /** How many objects are known. */
  readonly size: number;
}

/** One resource of the API server, and who takes it. */
export interface Feed {
  readonly client: KubeClient;
  /** Path of the collection, as `/api/v1/serviceaccounts`. */
  readonly path: string;
  /** Parameters of every request, as a field selector. */
  readonly query: Readonly<Record<string, string>>;
  /** Name in logs and metrics. */
  readonly resource: string;
  /** Reads the lines of a watch. @default decodeEvent, which reads all of an object */
  readonly decode?: DecodeEvent;
  /** Never throws. */
  readonly handler: ObjectHandler;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
}

/** Returns the path of a request with its parameters. */
export function pathOf(feed: Feed, query: Readonly<Record<string, string>>): string {
  return `${feed.path}?${new URLSearchParams({ ...feed.query, ...query })}`;
}

/** Notes that the API server has said something. */
export function heard(feed: Feed): void {
  feed.metrics.cached(feed.resource, feed.handler.size, feed.clock.nowMs());
}

/** Returns the error that an answer is, or the lack of one. */
export function statusOfReply(reply: KubeReply | KubeFailure): KubeStatus {
  if (reply.kind === 'unreachable') return { status: 0, reason: reply.reason };
  const { retryAfterMs } = reply;
  return { ...statusOf(reply.body, reply.status), ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
