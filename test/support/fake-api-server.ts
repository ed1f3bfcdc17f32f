/** Test support: an API server on loopback that serves one collection, and misbehaves when it is told to. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { breakOff } from './broken-connection.ts';

/** An object as the server stores it. */
export interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export type RequestKind = 'list' | 'watch' | 'get';

/** What an act can do with a request. */
export interface FakeExchange {
  readonly kind: RequestKind;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly socket: Socket;
}

/** One misbehaviour: it answers in place of the server, or not at all. */
export type Act = (exchange: FakeExchange) => void;

/** An open watch. */
export interface FakeWatch extends FakeExchange {
  /** Sends an event of an object as it is. */
  send(type: string, object: unknown): void;
  bookmark(resourceVersion: number, isInitialEnd?: boolean): void;
  /** Sends bytes, each chunk in a write of its own. */
  raw(...chunks: readonly (string | Buffer)[]): void;
  end(): void;
  reset(): void;
  readonly isOpen: boolean;
}

/** Returns an act that answers with a status and the API server's way to describe it. */
export function refuse(
  status: number,
  message = `refused with ${status}`,
  headers: http.OutgoingHttpHeaders = {},
): Act {
  return ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(statusObject(status, message)));
  };
}

/** Returns the body of an error. */
export function statusObject(code: number, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message };
}

/** Never answers. */
export const hang: Act = () => {};

/** Resets the connection. */
export const reset: Act = ({ socket }) => breakOff(socket);

/** Answers a watch in order, with nothing in it. */
export const closeAtOnce: Act = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end();
};

/** Begins an answer and breaks it off. */
export const truncate: Act = ({ response, socket }) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"metadata":', () => socket.destroy());
};

/** A server of service accounts. Honest unless `misbehave` says otherwise. */
export class FakeApiServer {
  readonly exchanges: FakeExchange[] = [];
  readonly watches: FakeWatch[] = [];
  readonly objects = new Map<string, FakeObject>();
  readonly #server: http.Server;
  readonly #acts: Record<RequestKind, Act[]> = { list: [], watch: [], get: [] };
  readonly #sockets = new Set<Socket>();
  readonly #history: { readonly revision: number; readonly type: string; readonly object: FakeObject }[] = [];
  #revision = 100;
  /** The collection that it serves, as the end of a path. */
  collection = 'serviceaccounts';
  /** Objects a page at most, whatever the client asks for. */
  pageLimit = 500;
  /** Whether it knows `sendInitialEvents`; an old server ignores it. */
  isStreamingLists = true;
  /** Connections accepted so far. */
  connections = 0;

  private constructor(tls?: https.ServerOptions) {
    const listener: http.RequestListener = (request, response) => this.#serve(request, response);
    this.#server = tls ? https.createServer(tls, listener) : http.createServer(listener);
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Listens on a free port of loopback; with TLS when a key and a certificate are given. */
  static async start(tls?: https.ServerOptions): Promise<FakeApiServer> {
    const fake = new FakeApiServer(tls);
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  /** Ends the server and every connection. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get url(): string {
    const scheme = this.#server instanceof https.Server ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Lets the next requests of a kind meet these acts, in order; after them it is honest again. */
  misbehave(kind: RequestKind, ...acts: readonly Act[]): void {
    this.#acts[kind].push(...acts);
  }

  /** How many requests of this kind came. */
  count(kind: RequestKind): number {
    return this.exchanges.filter((exchange) => exchange.kind === kind).length;
  }

  /** The watch that was opened last. */
  get watch(): FakeWatch {
    const last = this.watches.at(-1);
    if (!last) throw new Error('no watch was opened yet');
    return last;
  }

  /** Creates or changes an object, and tells the open watches, unless silent: then only those that are opened later. */
  put(namespace: string, name: string, metadata: object = {}, isSilent = false): FakeObject {
    return this.putWhole({ metadata: { namespace, name, ...metadata } }, isSilent);
  }

  /** The same for an object that has more than metadata. */
  putWhole(fields: FakeObject, isSilent = false): FakeObject {
    const key = `${fields.metadata.namespace}/${fields.metadata.name}`;
    const type = this.objects.has(key) ? 'MODIFIED' : 'ADDED';
    const object = { ...fields, metadata: { ...fields.metadata, resourceVersion: String(++this.#revision) } };
    this.objects.set(key, object);
    this.#tell(type, object, isSilent);
    return object;
  }

  remove(namespace: string, name: string, isSilent = false): void {
    const object = this.objects.get(`${namespace}/${name}`);
    if (!object) throw new Error(`there is no ${namespace}/${name} to remove`);
    this.objects.delete(`${namespace}/${name}`);
    const metadata = { ...object.metadata, resourceVersion: String(++this.#revision) };
    this.#tell('DELETED', { metadata }, isSilent);
  }

  #tell(type: string, object: FakeObject, isSilent: boolean): void {
    this.#history.push({ revision: this.#revision, type, object });
    if (isSilent) return;
    for (const watch of this.watches) if (watch.isOpen) watch.send(type, object);
  }

  #serve(request: http.IncomingMessage, response: http.ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://fake');
    const isCollection = url.pathname.endsWith(`/${this.collection}`);
    const kind = !isCollection ? 'get' : url.searchParams.get('watch') === 'true' ? 'watch' : 'list';
    const { headers, socket } = request;
    const exchange = { kind, query: url.searchParams, headers, request, response, socket } as const;
    const act = this.#acts[kind].shift();
    this.exchanges.push(exchange);
    if (act) act(exchange);
    else if (kind === 'watch') this.#watch(exchange);
    else if (kind === 'list') this.#list(exchange);
    else this.#get(exchange, url.pathname);
  }

  #get({ response }: FakeExchange, path: string): void {
    const [, namespace, name] = /namespaces\/([^/]+)\/serviceaccounts\/([^/]+)$/.exec(path) ?? [];
    const object = this.objects.get(`${namespace}/${name}`);
    response.writeHead(object ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(object ?? statusObject(404, `serviceaccounts "${name}" not found`)));
  }

  #list({ query, response }: FakeExchange): void {
    const start = Number(query.get('continue') ?? '0');
    const all = [...this.objects.values()];
    const end = start + Math.min(this.pageLimit, Number(query.get('limit') ?? all.length));
    const metadata = { resourceVersion: String(this.#revision), ...(end < all.length && { continue: String(end) }) };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'ServiceAccountList', metadata, items: all.slice(start, end) }));
  }

  #watch(exchange: FakeExchange): void {
    const watch = openWatch(exchange);
    this.watches.push(watch);
    const from = exchange.query.get('resourceVersion');
    if (from !== null) {
      const missed = this.#history.filter((event) => event.revision > Number(from));
      for (const { type, object } of missed) watch.send(type, object);
      return;
    }
    for (const object of this.objects.values()) watch.send('ADDED', object);
    if (this.isStreamingLists && exchange.query.get('sendInitialEvents') === 'true')
      watch.bookmark(this.#revision, true);
  }
}

/** Begins the answer of a watch; for acts that begin honestly. */
export function openWatch(exchange: FakeExchange): FakeWatch {
  const { response, socket } = exchange;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const send = (type: string, object: unknown) => void response.write(`${JSON.stringify({ type, object })}\n`);
  return {
    ...exchange,
    send,
    bookmark(resourceVersion, isInitialEnd = false) {
      const annotations = isInitialEnd ? { 'k8s.io/initial-events-end': 'true' } : {};
      send('BOOKMARK', { metadata: { resourceVersion: String(resourceVersion), annotations } });
    },
    raw(...chunks) {
      for (const chunk of chunks) response.write(chunk);
    },
    end: () => void response.end(),
    reset: () => breakOff(socket),
    get isOpen() {
      return !response.writableEnded && !response.destroyed;
    },
  };
}
