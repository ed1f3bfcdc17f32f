/** IO: has handshakes begin when clients have spoken, one after the other. Knows nothing of what comes after. */
import type { Server, Socket } from 'node:net';
import { aFewATurn } from './few-a-turn.ts';

/** A handshake takes 1 ms, which requests wait for. Fifty clients that shake hands at once are no reason to wait for all of them. */
const begunATurn = 1;

/**
 * Puts off what the server does with new connections until the client's first bytes are there, and then for its turn, in the
 * order of first bytes. Who says nothing holds up nobody, and is let go.
 * @param silenceMs after so many milliseconds without a word
 */
export function beginInTurn(server: Server, silenceMs: number): void {
  const inTurn = aFewATurn(begunATurn);
  const begin = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on('error', () => {
      // `close` follows
    });
    socket.once('readable', () => {
      if (socket.readableLength === 0) return socket.destroy();
      socket.setTimeout(0);
      inTurn(() => {
        if (socket.destroyed) return;
        for (const listener of begin) listener.call(server, socket);
      });
    });
  });
}
