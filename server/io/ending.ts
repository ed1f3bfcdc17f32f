/** IO: how connections end, of which thousands may end at once. Knows nothing of what they were for. */
import type { Socket } from 'node:net';
import { aFewATurn } from './few-a-turn.ts';

/** To close a connection takes 0.1 ms. Others get their turn after so many. */
const endedATurn = 8;

/**
 * Returns a function that has a connection end in its turn, whoever ends it: its client, a limit of time, or one of room. It
 * counts as destroyed at once, and is closed, and says so, in one of the next turns of the event loop.
 */
export function endingInTurn(): (socket: Socket) => void {
  const inTurn = aFewATurn(endedATurn);
  let isInTurn = false;
  const haveTurn = (end: () => void): void => {
    isInTurn = true;
    try {
      end();
    } finally {
      isInTurn = false;
    }
  };
  return (socket: ReadSocket) => {
    const { _destroy: destroy } = socket;
    socket._destroy = (error, callback) => {
      deafen(socket);
      const end = (): void => destroy.call(socket, error, callback);
      // a socket of TLS takes with it the one below, in the same turn
      if (isInTurn) end();
      else inTurn(() => haveTurn(end));
    };
  };
}

/** What Node reads from, which its documentation does not name. */
type ReadSocket = Socket & { readonly _handle?: { readStop(): void; onread: unknown } | null };

/**
 * As Node does when it closes a socket: or it would read on, parse what nobody answers, and throw an error for what comes to a
 * socket that is destroyed. TLS may hand on what it has received already, hence `onread`.
 */
function deafen({ _handle: handle }: ReadSocket): void {
  if (!handle) return;
  handle.readStop();
  handle.onread = () => {};
}
