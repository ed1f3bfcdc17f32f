/** IO, Kubernetes: reads the whole state of a resource page by page. Does not try again. */
import { type Feed, heard, pathOf, statusOfReply } from './feed.ts';
import type { Ending } from './next-step.ts';
import type { KubeObject, KubeStatus } from './watch-event.ts';

interface Page {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly KubeObject[] | null;
}

/** As the API server's own clients do: 350 kB of service accounts a page. */
const pageObjects = 500;

/** The API server ends a list after a minute by itself. */
const pageMs = 60_000;

/** Hands the whole state on; the ending has its resource version, or says what went wrong. */
export async function listPages(feed: Feed, signal: AbortSignal): Promise<Ending> {
  const startMs = feed.clock.monotonicMs();
  const ending = (status: KubeStatus, resourceVersion?: string): Ending => {
    const lastedMs = feed.clock.monotonicMs() - startMs;
    return { verb: 'list', ...status, resourceVersion, wasHeard: false, lastedMs };
  };
  feed.handler.begin();
  for (let next = ''; ; ) {
    const page = await readPage(feed, next, signal);
    if ('status' in page) return ending(page);
    for (const object of page.items ?? []) feed.handler.put(object);
    next = page.metadata.continue ?? '';
    if (next !== '') continue;
    feed.handler.commit();
    feed.metrics.watched(feed.resource, 'list');
    heard(feed);
    return ending({ status: 200, reason: '' }, page.metadata.resourceVersion);
  }
}

async function readPage(feed: Feed, next: string, signal: AbortSignal): Promise<Page | KubeStatus> {
  const query = { limit: String(pageObjects), ...(next !== '' && { continue: next }) };
  const reply = await feed.client.get(pathOf(feed, query), { timeoutMs: pageMs, signal });
  if (signal.aborted) return { status: 0, reason: 'stopped' };
  if (reply.kind === 'unreachable' || reply.status !== 200) return statusOfReply(reply);
  const page = reply.body as Page;
  const isList = typeof page?.metadata?.resourceVersion === 'string';
  return isList ? page : { status: 0, reason: 'the answer is not a list' };
}
