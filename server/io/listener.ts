/** IO: listens on a port, swaps certificates while it does, and drains. Knows nothing of what it serves. */
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../ports.ts';
import { onClientFault } from './client-fault.ts';
import { IncomingRequest } from './incoming-request.ts';

/** Limits of a server; those in seconds are the API server's habits turned round. */
const limits = {
  /** Above the 90 s after which Go's HTTP client closes an idle connection, so that it never meets a reset. */
  keepAliveMs: 120_000,
  /** A client that is slower than this with its headers is not the API server. */
  headersMs: 10_000,
  /** No review takes longer to arrive: the API server itself gives up after 30 s at most. */
  requestMs: 30_000,
  handshakeMs: 10_000,
  checkEveryMs: 2_000,
} as const;

/** How a server is reached and what it serves. */
export interface ListenOptions {
  readonly port: number;
  readonly handler: http.RequestListener;
  readonly maxConnections: number;
  /** Undefined: plain HTTP. */
  readonly tls?: TlsOptions;
}

export type TlsOptions = Pick<https.ServerOptions, 'cert' | 'key' | 'minVersion' | 'ciphers'>;

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
export async function listen({ port, handler, maxConnections, tls }: ListenOptions): Promise<Listener> {
  let isShedding = false;
  const responses = new WeakMap<Socket, http.ServerResponse>();
  const onRequest: http.RequestListener = (req, res) => {
    responses.set(req.socket, res);
    if (isShedding) res.setHeader('Connection', 'close');
    return handler(req, res);
  };
  const options = {
    keepAlive: true,
    keepAliveTimeout: limits.keepAliveMs,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    IncomingMessage: IncomingRequest,
  };
  const server = tls
    ? https.createServer({ ...options, handshakeTimeout: limits.handshakeMs, ...tls }, onRequest)
    : http.createServer(options, onRequest);
  server.maxConnections = maxConnections;
  const lastResponse = (socket: Socket) => responses.get(socket);
  server.on('clientError', onClientFault({ idleMs: limits.keepAliveMs, lastResponse }));
  const sockets = follow(server);
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
        const endPatience = clock.after(timeoutMs, () => {
          for (const socket of sockets) socket.destroy();
        });
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

/** Every open connection, those that have not shaken hands included. */
function follow(server: http.Server | https.Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}
