/** Bench: an API server that knows service accounts and nothing else, in pages, as a stream, or one by one; it can tell that too much has happened to follow. Stores none: each is made from its number. */
import http from 'node:http';
import { Readable } from 'node:stream';
import { account, apiObject, tryAccountIndex } from './accounts.ts';

const collection = '/api/v1/serviceaccounts';
const single = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)$/;
/** The version of the whole; no account has a higher one. */
const resourceVersion = '900000';

/** How the server of the bench differs from one of today. */
export interface FakeApiOptions {
  /** Whether it refuses to stream the first state, as a server without WatchList does. @default false */
  readonly isPaged?: boolean;
}

/** What changes while the server runs. */
interface State {
  accounts: number;
  readonly watches: Set<http.ServerResponse>;
}

/**
 * Returns the server of so many accounts, not yet listening. A request of `/relist?accounts=<number>` makes it so many
 * and ends all watches as too old to be followed.
 */
export function createFakeApi(accounts: number, { isPaged = false }: FakeApiOptions = {}): http.Server {
  const state: State = { accounts, watches: new Set() };
  return http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/relist') relist(response, Number(url.searchParams.get('accounts')), state);
    else if (url.pathname !== collection) sendOne(response, url.pathname, state.accounts);
    else if (!url.searchParams.has('watch')) sendPage(response, url.searchParams, state.accounts);
    else if (isPaged && url.searchParams.has('sendInitialEvents')) sendJson(response, 422, statusOf(422, 'Invalid'));
    else sendEvents(response, url.searchParams, state);
  });
}

function statusOf(code: number, reason: string): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code };
}

function relist(response: http.ServerResponse, accounts: number, state: State): void {
  state.accounts = accounts;
  for (const watch of state.watches) watch.end(bookmark({}) + line('ERROR', statusOf(410, 'Expired')));
  sendJson(response, 200, {});
}

function sendOne(response: http.ServerResponse, path: string, accounts: number): void {
  const [, namespace, name = ''] = single.exec(path) ?? [];
  const index = tryAccountIndex(name) ?? accounts;
  const isThere = index < accounts && account(index).namespace === namespace;
  if (isThere) sendJson(response, 200, apiObject(index));
  else sendJson(response, 404, statusOf(404, 'NotFound'));
}

function sendPage(response: http.ServerResponse, query: URLSearchParams, accounts: number): void {
  const start = Number(query.get('continue') ?? 0);
  const end = Math.min(accounts, start + Number(query.get('limit') || accounts));
  const items = Array.from({ length: end - start }, (_, offset) => apiObject(start + offset));
  const metadata = {
    resourceVersion,
    ...(end < accounts && { continue: String(end), remainingItemCount: accounts - end }),
  };
  sendJson(response, 200, { kind: 'ServiceAccountList', apiVersion: 'v1', metadata, items });
}

/** Sends what exists if the query asks for it, then stays open and silent: nothing changes while the bench measures. */
function sendEvents(response: http.ServerResponse, query: URLSearchParams, { accounts, watches }: State): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.flushHeaders();
  watches.add(response.on('close', () => watches.delete(response)));
  const events = query.get('sendInitialEvents') === 'true' ? initialEvents(accounts) : [];
  Readable.from(events).pipe(response, { end: false });
}

function* initialEvents(accounts: number): Generator<string> {
  for (let index = 0; index < accounts; index++) yield line('ADDED', apiObject(index));
  yield bookmark({ 'k8s.io/initial-events-end': 'true' });
}

function bookmark(annotations: object): string {
  return line('BOOKMARK', { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { resourceVersion, annotations } });
}

function line(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function sendJson(response: http.ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}
