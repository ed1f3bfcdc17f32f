/** Bench: an API server that knows service accounts and nothing else, in pages, as a stream, or one by one. Stores none: each is made from its number. */
import http from 'node:http';
import { Readable } from 'node:stream';
import { account, apiObject, tryAccountIndex } from './accounts.ts';

const collection = '/api/v1/serviceaccounts';
const single = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)$/;
/** The version of the whole; no account has a higher one. */
const resourceVersion = '900000';

/** Returns the server of so many accounts, not yet listening. */
export function createFakeApi(accounts: number): http.Server {
  return http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== collection) sendOne(response, url.pathname, accounts);
    else if (url.searchParams.has('watch')) sendEvents(response, url.searchParams, accounts);
    else sendPage(response, url.searchParams, accounts);
  });
}

function sendOne(response: http.ServerResponse, path: string, accounts: number): void {
  const [, namespace, name = ''] = single.exec(path) ?? [];
  const index = tryAccountIndex(name) ?? accounts;
  const isThere = index < accounts && account(index).namespace === namespace;
  if (isThere) sendJson(response, 200, apiObject(index));
  else sendJson(response, 404, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 });
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
function sendEvents(response: http.ServerResponse, query: URLSearchParams, accounts: number): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.flushHeaders();
  const events = query.get('sendInitialEvents') === 'true' ? initialEvents(accounts) : [];
  Readable.from(events).pipe(response, { end: false });
}

function* initialEvents(accounts: number): Generator<string> {
  const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;
  for (let index = 0; index < accounts; index++) yield line('ADDED', apiObject(index));
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  yield line('BOOKMARK', { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { resourceVersion, annotations } });
}

function sendJson(response: http.ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}
