/** IO: listens on a port, swaps certificates while it does, and drains. Knows nothing of what it serves. */
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../ports.ts';
import { onClientFault } from './client-fault.ts';
import { createConnections } from './connections.ts';
import { endingInTurn } from './ending.ts';
import { beginInTurn } from './first-words.ts';
import { IncomingRequest } from './incoming-request.ts';

/** Limits of a server; those in seconds are the API server's habits turned round. */
const limits = {
  /** Above the 90 s after which Go's HTTP client closes an idle connection, so that it never meets a reset. */
  keepAliveMs: 120_000,
  /** A client that is slower than this with its headers is not the API server. */
  headersMs: 10_000,
  /** No review takes longer to arrive: the API server itself gives up after 30 s at most. */
  requestMs: 30_000,
  /** For the first byte, and from then on for the handshake. */
  handshakeMs: 10_000,
  checkEveryMs: 2_000,
  /** Above the 30 s that an answer may take: a connection on which nothing moves for longer is not read by its client. */
  silenceMs: 40_000,
  /**
   * Requests that were sent ahead of an answer and are not answered yet. Go and most others send none; each is work for who
   * reads nothing. One more than a client sends may be counted: an answer is over for Node a moment after its client has it.
   */
  pipelined: 4,
} as const;

/** How a server is reached and what it serves. */
export interface ListenOptions {
  readonly port: number;
  readonly handler: http.RequestListener;
  readonly maxConnections: number;
  /** Called when a connection is ended because others wanted its place. */
  readonly onCrowded?: () => void;
  /** After how many milliseconds a connection ends on which nothing moves during a request. @default 40,000 */
  readonly silenceMs?: number;
  /** Undefined: plain HTTP. */
  readonly tls?: TlsOptions;
}

export type TlsOptions = Pick<https.ServerOptions, 'cert' | 'key' | 'minVersion' | 'ciphers' | 'ca'>;

/** An open port. */
export interface Listener {
  readonly port: number;
  /** Serves new connections with another certificate; open ones go on. */
  secure(tls: TlsOptions): void;
  /**
   * Asks clients to leave: answers go on, each with `Connection: close`. A connection that is closed while idle may be just
   * about to be used, and no client sends a POST a second time by itself; one that leaves with its answer loses nothing.
   */
  shed(): void;
  /** Answers what is in flight, closes the rest, and resolves when all connections are closed; after `timeoutMs` they are cut. */
  drain(clock: Clock, timeoutMs: number): Promise<void>;
}

/**
 * Resolves once the port is open.
 * @throws the system's error: EADDRINUSE, EACCES
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { port, handler, maxConnections, onCrowded = () => {}, silenceMs = limits.silenceMs, tls } = options;
  const connections = createConnections(maxConnections, onCrowded);
  const isWelcome = pipelineLimit();
  let isShedding = false;
  const onRequest: http.RequestListener = (req, res) => {
    if (!isWelcome(req.socket, res)) return;
    connections.heard(req.socket, res);
    if (isShedding) res.setHeader('Connection', 'close');
    return handler(req, res);
  };
  const habits = {
    keepAlive: true,
    keepAliveTimeout: limits.keepAliveMs,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    IncomingMessage: IncomingRequest,
  };
  const server = tls
    ? https.createServer({ ...habits, handshakeTimeout: limits.handshakeMs, ...tls }, onRequest)
    : http.createServer(habits, onRequest);
  server.timeout = silenceMs;
  server.on('clientError', onClientFault({ idleMs: limits.keepAliveMs, lastResponse: connections.lastResponse }));
  if (tls) beginInTurn(server, limits.handshakeMs);
  const endInTurn = endingInTurn();
  server.on('connection', (socket) => {
    endInTurn(socket);
    connections.enter(socket);
  });
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    if (tls) endInTurn(socket);
    socket.prependOnceListener('end', () => isIdle(socket, connections.lastResponse(socket)) && socket.destroy());
  });
  await open(server, port);
  return {
    port: (server.address() as { port: number }).port,
    secure: (next) => {
      if (server instanceof https.Server) server.setSecureContext(next);
    },
    shed: () => {
      isShedding = true;
    },
    drain: (clock, timeoutMs) => {
      isShedding = true;
      return new Promise((resolve) => {
        const endSweep = every(clock, sweepMs, () => server.closeIdleConnections());
        const endPatience = clock.after(timeoutMs, connections.cut);
        server.close(() => {
          endSweep();
          endPatience();
          resolve();
        });
      });
    },
  };
}

/** A connection whose answer was already under way when draining began is idle only afterwards. */
const sweepMs = 100;

function every(clock: Clock, ms: number, act: () => void): () => void {
  let cancel = (): void => {};
  const next = (): void => {
    cancel = clock.after(ms, () => {
      act();
      next();
    });
  };
  next();
  return () => cancel();
}

function open(server: http.Server | https.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * Returns a function that says whether a request may be handled. One read may hold a thousand small ones, and each would be
 * answered at once into memory; whoever sends so many without reading is cut.
 */
function pipelineLimit(): (socket: Socket, res: http.ServerResponse) => boolean {
  const waiting = new WeakMap<Socket, number>();
  return (socket, res) => {
    if (socket.destroyed) return false;
    // a response has the socket from the start unless another has it
    if (res.socket !== null) return true;
    const count = (waiting.get(socket) ?? 0) + 1;
    if (count > limits.pipelined) {
      ignoreWhatIsRead(socket);
      socket.destroy();
      return false;
    }
    waiting.set(socket, count);
    res.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    return true;
  };
}

/** Node's own parser, which its documentation does not name: without it all is as it was, but dearer. */
type ParsedSocket = Socket & { readonly parser?: { onIncoming?: unknown; finish?(): Error | undefined } | null };

/**
 * Says whether a client that leaves awaits nothing: it has its answers, and left no request half sent, as Node is about to
 * ask its parser too. Node would bid it farewell over TLS, which costs as much as an answer, and thousands may leave at once.
 */
function isIdle({ parser }: ParsedSocket, last: http.ServerResponse | undefined): boolean {
  return last?.writableFinished !== false && parser?.finish !== undefined && parser.finish() === undefined;
}

/**
 * Of the hundreds of requests that may be left in what was read at once, Node would read the heads, make responses, and an
 * error for each with a stack trace when the socket closes: of 100 such clients that took 3 s, and most of the memory. This
 * ends the parsing with an error of the client's, at the next head.
 */
function ignoreWhatIsRead({ parser }: ParsedSocket): void {
  if (parser) parser.onIncoming = () => -1;
}
