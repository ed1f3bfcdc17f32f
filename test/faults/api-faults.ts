/** Fault suites: what befalls an API server that is being followed, a row each. Judges nothing but what a row says itself. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Act,
  closeAtOnce,
  type FakeApiServer,
  hang,
  openWatch,
  type RequestKind,
  refuse,
  reset,
  statusObject,
  truncate,
} from '../support/fake-api-server.ts';
import type { Server } from './server.ts';
import type { Wire } from './wire.ts';

/** An event of a watch. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: { readonly metadata: object };
}

/** A webhook that follows an API server, whose accounts have just changed and which has told nobody. */
export interface Scene {
  readonly api: FakeApiServer;
  readonly wire: Wire;
  readonly server: Server;
  /** The version before the changes. */
  readonly revision: number;
  readonly changes: readonly Change[];
  /** Makes the webhook's configuration have this token. */
  giveToken(token: string): void;
}

/** One fault. */
export interface ApiFault {
  readonly name: string;
  /** Resolves once the fault is over: from then on the time is taken. */
  readonly inflict: (scene: Scene) => Promise<void> | void;
  /** What else must be so after it. */
  readonly after?: (scene: Scene, recoveredMs: number) => Promise<void> | void;
}

/** Lets requests meet these acts, and resolves when the last of them was met. */
export function meet(api: FakeApiServer, kind: RequestKind, ...acts: readonly Act[]): Promise<void> {
  const met = Promise.withResolvers<void>();
  const last: Act = (exchange) => {
    acts.at(-1)?.(exchange);
    met.resolve();
  };
  api.misbehave(kind, ...acts.slice(0, -1), last);
  return met.promise;
}

/** Closes the watch, and lets those that follow meet these acts. */
function closeThen(...acts: readonly Act[]) {
  return ({ api }: Scene): Promise<void> => {
    const over = meet(api, 'watch', ...acts);
    api.watch.end();
    return over;
  };
}

const gone = statusObject(410, 'too old resource version');
const tooOld = ({ api }: Scene) => api.watch.send('ERROR', gone);
const tell = ({ api, changes }: Scene) => {
  for (const { type, object } of changes) api.watch.send(type, object);
};

/** Lets the relist go by pages, the first of which has five objects and what follows meets these acts. */
function listThen(...acts: readonly Act[]) {
  return (scene: Scene): Promise<void> => {
    const { api } = scene;
    api.misbehave('watch', refuse(422));
    const page: Act = ({ response }) => {
      const metadata = { resourceVersion: String(api.revision), continue: '5' };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ metadata, items: [...api.objects.values()].slice(0, 5) }));
    };
    const over = meet(api, 'list', page, ...acts);
    tooOld(scene);
    return over;
  };
}

/** Streams the first objects of the state, and breaks off a while later: whoever has dropped the old state shows it by then. */
const halfAState =
  (api: FakeApiServer): Act =>
  (exchange) => {
    const watch = openWatch(exchange);
    for (const object of [...api.objects.values()].slice(0, 2)) watch.send('ADDED', object);
    setTimeout(watch.reset, 1500);
  };

const badGateway: Act = ({ response }) => response.writeHead(502).end('<html>Bad Gateway</html>');

const hasLogged = (text: RegExp) => (scene: Scene) => assert.match(scene.server.program.output.stderr, text);
const lastWatch = ({ api }: Scene) => api.exchanges.filter(({ kind }) => kind === 'watch').at(-1);

/** In the order in which they begin: those that take long by design first. */
export const apiFaults: readonly ApiFault[] = [
  { name: 'a connection that is deaf (found 90 s after the last word)', inflict: ({ wire }) => wire.deafen() },
  {
    name: '403 four times (then asked every half minute, loudly)',
    inflict: closeThen(...Array<Act>(4).fill(refuse(403, 'cannot watch'))),
    after: hasLogged(/forbids \\"watch\\" of serviceaccounts: the ClusterRole .* must grant get, list, watch/),
  },
  { name: 'a watch that is never answered (given up after 30 s)', inflict: closeThen(hang) },
  {
    name: 'a server that accepts connections and never answers, for 5 s (given up after 30 s)',
    inflict: async ({ wire }) => {
      await wire.muffle();
      await delay(5000);
      await wire.mend();
    },
  },
  {
    name: 'a server that is away for 3 s',
    inflict: async ({ wire }) => {
      wire.cut();
      await delay(3000);
      await wire.mend();
    },
  },
  { name: 'a watch that is closed in order', inflict: ({ api }) => api.watch.end() },
  {
    name: 'a bookmark, then a close',
    inflict: ({ api, revision }) => {
      api.watch.bookmark(revision);
      api.watch.end();
    },
    after: (scene) => assert.equal(lastWatch(scene)?.query.get('resourceVersion'), String(scene.revision)),
  },
  {
    name: '410 as the answer',
    inflict: closeThen(refuse(410)),
    after: (scene) => assert.equal(lastWatch(scene)?.query.get('sendInitialEvents'), 'true'),
  },
  {
    name: '410 in the stream',
    inflict: tooOld,
    after: (scene) => assert.equal(lastWatch(scene)?.query.get('sendInitialEvents'), 'true'),
  },
  {
    name: '410, then a state that breaks off half-way',
    inflict: (scene) => {
      const over = meet(scene.api, 'watch', halfAState(scene.api));
      tooOld(scene);
      return over;
    },
  },
  { name: 'a list whose second page is 410', inflict: listThen(refuse(410)) },
  { name: 'a list whose second page is 503', inflict: listThen(refuse(503)) },
  { name: 'a list that breaks off', inflict: listThen(truncate) },
  { name: 'a list that is reset', inflict: listThen(reset) },
  { name: 'a watch that is reset', inflict: ({ api }) => api.watch.reset() },
  { name: 'three resets in a row', inflict: closeThen(reset, reset, reset) },
  { name: '408', inflict: closeThen(refuse(408)) },
  {
    name: '429 with Retry-After of 2 s',
    inflict: closeThen(refuse(429, 'slow down', { 'retry-after': '2' })),
    after: (_, recoveredMs) => assert.ok(recoveredMs >= 1990, `asked again after ${recoveredMs} ms`),
  },
  { name: '500', inflict: closeThen(refuse(500)) },
  { name: '502 of a proxy, in HTML', inflict: closeThen(badGateway) },
  { name: '500 in the stream', inflict: ({ api }) => api.watch.send('ERROR', statusObject(500, 'etcd is away')) },
  {
    name: '401, with a new token in the kubeconfig',
    inflict: (scene) => {
      scene.giveToken('second');
      return closeThen(refuse(401))(scene);
    },
    after: (scene) => assert.equal(lastWatch(scene)?.headers.authorization, 'Bearer second'),
  },
  {
    name: 'quick closes without a word (a server that does not say 410)',
    // the close before them counts too, unless the machine is so slow that it was none of the quick ones
    inflict: closeThen(closeAtOnce, closeAtOnce, closeAtOnce),
    after: ({ api }) => assert.ok(api.exchanges.filter(({ query }) => query.has('sendInitialEvents')).length > 1),
  },
  {
    name: 'an event that cannot be taken in',
    inflict: (scene) => {
      // no text can be made of it
      scene.api.watch.send('MODIFIED', { metadata: { name: 'bad', namespace: { toString: 1, valueOf: 1 } } });
      tell(scene);
    },
    after: async ({ server }) =>
      assert.match(await server.metrics(), /faults_total\{code="watch-handler-failed"\} 1$/m),
  },
  {
    name: 'events that come one byte at a time',
    inflict: ({ api, changes }) => {
      const bytes = Buffer.from(changes.map((change) => `${JSON.stringify(change)}\n`).join(''));
      api.watch.socket.setNoDelay(true);
      api.watch.raw(...Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)));
    },
  },
  {
    name: 'a line of 5 MB',
    inflict: ({ api }) => api.watch.raw('x'.repeat(5_000_000)),
    after: hasLogged(/a line is longer than/),
  },
  { name: 'a line that is no event', inflict: ({ api }) => api.watch.raw('{"type":"ADDED","object":7}\n') },
  {
    name: 'a stream that ends within a line',
    inflict: ({ api }) => {
      api.watch.raw('{"type":"ADDED","obj');
      api.watch.end();
    },
  },
  {
    name: 'events that come three times',
    inflict: (scene) => [1, 2, 3].forEach(() => void tell(scene)),
  },
  {
    name: 'events in the wrong order, then a close',
    inflict: (scene) => {
      tell({ ...scene, changes: scene.changes.toReversed() });
      scene.api.watch.end();
    },
  },
];
