/** Bench: one TLS connection that is kept alive and carries one request at a time, as the API server's does. Knows no reviews. */
import { once } from 'node:events';
import tls from 'node:tls';
import { type Response, ResponseReader } from './response-reader.ts';

/** A connection that is open. */
export interface Connection {
  /** Sends a request and resolves to its response; rejects when the connection ends first. One at a time. */
  exchange(request: Buffer): Promise<Response>;
  close(): void;
}

/**
 * Resolves once the handshake is over. Certificates are not checked: the bench talks to loopback, and tests of their own
 * check them.
 */
export async function connect(port: number): Promise<Connection> {
  const socket = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.setNoDelay();
  const reader = new ResponseReader();
  let waiting: PromiseWithResolvers<Response> | undefined;
  const fail = (error: Error): void => {
    waiting?.reject(error);
    waiting = undefined;
  };
  socket.on('data', (chunk: Buffer) => {
    for (const response of reader.push(chunk)) {
      const { resolve } = waiting ?? Promise.withResolvers<Response>();
      waiting = undefined;
      resolve(response);
    }
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  return {
    exchange: (request) => {
      if (socket.destroyed) return Promise.reject(new Error('the connection has ended'));
      waiting = Promise.withResolvers();
      socket.write(request);
      return waiting.promise;
    },
    close: () => socket.destroy(),
  };
}
