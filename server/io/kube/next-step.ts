/** IO, Kubernetes: what follows when a list or a watch has ended. Pure: the whole policy of trying again is here. */
import type { Random } from '../../ports.ts';
import { backoffMs } from './backoff.ts';

/** Where the loop is. */
export interface Position {
  /** The last state that is known whole; undefined: it must be listed first. */
  readonly resourceVersion: string | undefined;
  /** How the first state is asked for: as the beginning of a watch, or page by page. */
  readonly way: 'stream' | 'pages';
  /** The server said that it does not know the `stream` way. */
  readonly isStreamRefused: boolean;
  /** Failures in a row. */
  readonly failures: number;
  /** Watches in a row that were closed in order, soon, and without a word. */
  readonly quickCloses: number;
}

/** How a list or a watch ended. */
export interface Ending {
  readonly verb: 'list' | 'watch';
  /** Of the HTTP answer, or of an error in the stream; 200: closed in order; 0: no answer, or it broke off. */
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs?: number;
  /** How far it came; undefined when the state is not whole. */
  readonly resourceVersion: string | undefined;
  /** Whether there was an event or a bookmark after the first state. */
  readonly wasHeard: boolean;
  readonly lastedMs: number;
}

export interface Step {
  readonly position: Position;
  readonly waitMs: number;
}

export const firstPosition: Position = {
  resourceVersion: undefined,
  way: 'stream',
  isStreamRefused: false,
  failures: 0,
  quickCloses: 0,
};

/** A watch lives for minutes; one that is closed within this time and without a word is suspect. */
const quickMs = 10_000;

/** Some servers close where they should say 410: after so many quick closes the resource version is dropped. */
const quickClosesLimit = 3;

/** Rights are given by people: no need to ask often, but soon enough to see it while they look. Spread by a third. */
const forbiddenMs = 30_000;

/** An API server that has just started says 403 until it has read its roles: so many are taken for that. */
const earlyForbidden = 3;

/** Returns where to go on, and after what wait. */
export function nextStep(from: Position, ending: Ending, random: Random): Step {
  const isInOrder = ending.status === 200 && ending.resourceVersion !== undefined;
  const isAlive = ending.wasHeard || (isInOrder && ending.lastedMs >= quickMs);
  const at: Position = {
    ...from,
    resourceVersion: ending.resourceVersion,
    ...(isAlive && { failures: 0, quickCloses: 0 }),
  };
  if (isStreamRefusal(from, ending)) return { position: { ...at, way: 'pages', isStreamRefused: true }, waitMs: 0 };
  if (isInOrder) return isAlive ? { position: at, waitMs: 0 } : afterQuickClose(at, random);
  return afterFailure(at, ending, random);
}

function isStreamRefusal(from: Position, { status, resourceVersion }: Ending): boolean {
  return from.way === 'stream' && resourceVersion === undefined && (status === 400 || status === 422);
}

function afterQuickClose(at: Position, random: Random): Step {
  const quickCloses = at.quickCloses + 1;
  if (quickCloses < quickClosesLimit) {
    return { position: { ...at, quickCloses }, waitMs: quickCloses === 1 ? 0 : backoffMs(quickCloses, random) };
  }
  const failures = at.failures + 1;
  const position = { ...at, resourceVersion: undefined, quickCloses: 0, failures };
  return { position, waitMs: backoffMs(failures, random) };
}

function afterFailure(at: Position, ending: Ending, random: Random): Step {
  const failures = at.failures + 1;
  const resourceVersion = isUseless(ending) ? undefined : at.resourceVersion;
  // A server may take the stream for an ordinary watch, or a proxy may swallow it: the other way gets its turn.
  const way = at.resourceVersion === undefined && !at.isStreamRefused ? other(at.way) : at.way;
  const waitMs =
    ending.status === 403 && failures > earlyForbidden
      ? forbiddenMs * (5 / 6 + random() / 3)
      : (ending.retryAfterMs ?? 0) + backoffMs(failures, random);
  return { position: { ...at, resourceVersion, way, failures }, waitMs };
}

/** Says whether the server has refused the resource version: gone, malformed, or from a future that a restored etcd has not seen. */
function isUseless({ status, reason }: Ending): boolean {
  return status === 410 || status === 400 || status === 422 || reason.includes('Too large resource version');
}

function other(way: Position['way']): Position['way'] {
  return way === 'stream' ? 'pages' : 'stream';
}
