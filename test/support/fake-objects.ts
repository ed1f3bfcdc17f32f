/** Test support: an API server in memory that stores objects, refuses stale changes, and tells watches. Opens no port. */
import type { KubeClient, KubeReply, KubeRequest, StreamEnd, StreamOptions } from '../../server/io/kube/client.ts';
import type { KubeFailure } from '../../server/io/kube/exchange.ts';

/** An object as it is stored. */
export interface StoredObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

type Json = Readonly<Record<string, unknown>>;

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

interface Watch {
  readonly collection: string;
  readonly name: string | undefined;
  readonly send: (type: string, object: unknown) => void;
  readonly end: (end: StreamEnd) => void;
}

/** What a request meets in place of an honest answer. */
export type Refuse = (request: Pick<KubeRequest, 'method' | 'path' | 'body'>) => KubeReply | KubeFailure | undefined;

/** Returns the API server's answer of a refusal. */
export function refusal(status: number, message = `refused with ${status}`): KubeReply {
  return { kind: 'reply', status, body: { kind: 'Status', code: status, message } };
}

/** Stores objects by path; each change has a resource version of its own. */
export class FakeObjects {
  readonly objects = new Map<string, StoredObject>();
  /** Every change that was asked for, whether or not it was made. */
  readonly writes: { readonly method: string; readonly path: string; status: number }[] = [];
  /** Decides whether a request is refused. */
  refuse: Refuse = () => undefined;
  readonly #watches = new Set<Watch>();
  #revision = 100;

  /** A client of this server, as one replica has it. */
  client(): KubeClient {
    return {
      server: 'https://fake',
      get: (path, { signal }) => this.#answer({ method: 'GET', path, signal, timeoutMs: 0 }),
      send: (request) => this.#answer(request),
      stream: (path, options) => this.#stream(path, options),
      close() {},
    };
  }

  get(path: string): StoredObject {
    const object = this.objects.get(path);
    if (!object) throw new Error(`there is no ${path}; there are ${[...this.objects.keys()]}`);
    return object;
  }

  /** Creates or changes an object as somebody else does. */
  put(path: string, object: Json): StoredObject {
    const type = this.objects.has(path) ? 'MODIFIED' : 'ADDED';
    const name = path.slice(path.lastIndexOf('/') + 1);
    const metadata = { ...(object.metadata as Json), name, resourceVersion: String(++this.#revision) };
    const stored: StoredObject = { ...object, metadata };
    this.objects.set(path, stored);
    this.#tell(path, type, stored);
    return stored;
  }

  remove(path: string): void {
    const object = this.get(path);
    this.objects.delete(path);
    const metadata = { ...object.metadata, resourceVersion: String(++this.#revision) };
    this.#tell(path, 'DELETED', { ...object, metadata });
  }

  /** Breaks all watches off; they are refused until the server is up again. */
  goDown(): void {
    const away = { kind: 'unreachable', reason: 'connect ECONNREFUSED' } as const;
    this.refuse = () => away;
    for (const watch of this.#watches) watch.end(away);
  }

  async #answer(request: KubeRequest): Promise<KubeReply | KubeFailure> {
    // the way there takes a turn, as on a wire
    await Promise.resolve();
    const path = request.path.split('?')[0] ?? '';
    const write = { method: request.method, path, status: 0 };
    if (request.method !== 'GET') this.writes.push(write);
    const reply = this.refuse(request) ?? this.#perform({ ...request, path });
    if (reply.kind === 'reply') write.status = reply.status;
    return reply;
  }

  #perform({ method, path, body }: KubeRequest): KubeReply {
    const found = this.objects.get(path);
    if (method === 'POST') return this.#create(path, body as StoredObject);
    if (!found) return refusal(404, `${path} not found`);
    if (method === 'PUT') return this.#replace(path, found, body as StoredObject);
    if (method === 'PATCH') return this.#patch(path, found, body as readonly Operation[]);
    return { kind: 'reply', status: 200, body: found };
  }

  #create(collection: string, object: StoredObject): KubeReply {
    const path = `${collection}/${object.metadata.name}`;
    if (this.objects.has(path)) return refusal(409, `${path} already exists`);
    return { kind: 'reply', status: 201, body: this.put(path, object) };
  }

  #replace(path: string, found: StoredObject, object: StoredObject): KubeReply {
    if (object.metadata.resourceVersion !== found.metadata.resourceVersion) return refusal(409, 'modified');
    return { kind: 'reply', status: 200, body: this.put(path, object) };
  }

  #patch(path: string, found: StoredObject, operations: readonly Operation[]): KubeReply {
    const copy = structuredClone(found) as StoredObject & Record<string, unknown>;
    for (const { op, path: pointer, value } of operations) {
      const keys = pointer.slice(1).split('/');
      const last = keys.pop() ?? '';
      let at = copy as unknown as Record<string, unknown>;
      for (const key of keys) at = at[key] as Record<string, unknown>;
      if (op === 'test' && at[last] !== value) return refusal(422, 'the server rejected our request');
      if (op !== 'test') at[last] = value;
    }
    return { kind: 'reply', status: 200, body: this.put(path, copy) };
  }

  #tell(path: string, type: string, object: StoredObject): void {
    for (const { collection, name, send } of this.#watches) {
      const isWatched = path === `${collection}/${name}` || (name === undefined && path.startsWith(`${collection}/`));
      if (isWatched) send(type, object);
    }
  }

  async #stream(path: string, { signal, onLine }: StreamOptions): Promise<StreamEnd> {
    const refused = this.refuse({ method: 'GET', path });
    if (refused) return refused;
    const url = new URL(path, 'http://fake');
    const ended = Promise.withResolvers<StreamEnd>();
    const name = url.searchParams.get('fieldSelector')?.replace('metadata.name=', '');
    const watch: Watch = {
      collection: url.pathname,
      name,
      send: (type, object) => signal.aborted || onLine(Buffer.from(JSON.stringify({ type, object }))),
      end: ended.resolve,
    };
    signal.addEventListener('abort', () => ended.resolve({ kind: 'ended' }), { once: true });
    const first = [...this.objects].filter(([key]) => key === `${url.pathname}/${name}`);
    await Promise.resolve();
    for (const [, object] of first) watch.send('ADDED', object);
    const metadata = { resourceVersion: String(this.#revision), annotations: { 'k8s.io/initial-events-end': 'true' } };
    if (!url.searchParams.has('resourceVersion')) watch.send('BOOKMARK', { metadata });
    this.#watches.add(watch);
    return ended.promise.finally(() => this.#watches.delete(watch));
  }
}
