/** IO, Kubernetes: follows a resource from one state on, or from nothing when the stream is to bring the first state. Does not try again. */
import { type Feed, heard, pathOf, statusOfReply } from './feed.ts';
import type { Ending } from './next-step.ts';
import { decodeEvent, type KubeStatus, type WatchEvent } from './watch-event.ts';

/** Bookmarks come about once a minute, so a longer silence means a deaf socket. */
const idleMs = 90_000;

/** While the first state is streamed the server is busy sending; a silence means it has taken the request for a plain watch. */
const initialIdleMs = 15_000;

/** Watches end by themselves after 5 to 10 minutes, so that replicas and servers are shuffled. */
const leastSeconds = 300;
const spreadSeconds = 300;

const inOrder: KubeStatus = { status: 200, reason: '' };

interface Progress {
  /** Undefined until the first state is whole. */
  resourceVersion: string | undefined;
  wasHeard: boolean;
  fault: KubeStatus | undefined;
}

/** Follows until the stream ends, for whatever reason. @param from a resource version, or undefined for all that there is */
export async function watchStream(feed: Feed, from: string | undefined, signal: AbortSignal): Promise<Ending> {
  const startMs = feed.clock.monotonicMs();
  const { decode = decodeEvent } = feed;
  const progress: Progress = { resourceVersion: from, wasHeard: false, fault: undefined };
  const own = new AbortController();
  let isOver = false;
  const abort = () => {
    isOver = true;
    own.abort();
  };
  signal.addEventListener('abort', abort, { once: true });
  if (from === undefined) feed.handler.begin();
  feed.metrics.watched(feed.resource, 'watch');
  const end = await feed.client.stream(pathOf(feed, queryOf(feed, from)), {
    signal: signal.aborted ? signal : own.signal,
    idleMs: () => (progress.resourceVersion === undefined ? initialIdleMs : idleMs),
    onLine: (line) => {
      if (isOver) return;
      take(feed, progress, decode(line));
      if (progress.fault) abort();
    },
  });
  signal.removeEventListener('abort', abort);
  const { resourceVersion, wasHeard, fault } = progress;
  const lastedMs = feed.clock.monotonicMs() - startMs;
  return {
    verb: 'watch',
    resourceVersion,
    wasHeard,
    lastedMs,
    ...(fault ?? (end.kind === 'ended' ? inOrder : statusOfReply(end))),
  };
}

function queryOf(feed: Feed, from: string | undefined): Record<string, string> {
  return {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(leastSeconds + Math.floor(feed.random() * (spreadSeconds + 1))),
    ...(from === undefined
      ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
      : { resourceVersion: from }),
  };
}

function take(feed: Feed, progress: Progress, event: WatchEvent): void {
  if (event.kind === 'error') progress.fault = event;
  else if (event.kind === 'garbled') progress.fault = { status: 0, reason: 'a line of the stream is not an event' };
  else if (event.kind === 'bookmark') takeBookmark(feed, progress, event);
  else {
    if (event.kind === 'put') feed.handler.put(event.object);
    else feed.handler.delete(event.object);
    if (progress.resourceVersion !== undefined) advance(feed, progress, event);
  }
}

function takeBookmark(feed: Feed, progress: Progress, event: WatchEvent & { kind: 'bookmark' }): void {
  // Only the marked one ends the first state; a server that ignores the wish for it sends others.
  if (progress.resourceVersion !== undefined) advance(feed, progress, event);
  else if (event.isInitialEnd) complete(feed, progress, event);
}

function complete(feed: Feed, progress: Progress, event: WatchEvent & { kind: 'bookmark' }): void {
  feed.handler.commit();
  progress.resourceVersion = event.resourceVersion;
  feed.metrics.watched(feed.resource, 'list');
  heard(feed);
}

function advance(feed: Feed, progress: Progress, event: WatchEvent & { resourceVersion: string }): void {
  if (event.resourceVersion !== '') progress.resourceVersion = event.resourceVersion;
  progress.wasHeard = true;
  feed.metrics.watched(feed.resource, event.kind === 'bookmark' ? 'bookmark' : 'event');
  heard(feed);
}
