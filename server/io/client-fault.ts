/** IO: what becomes of a connection whose client errs, or is late. Knows nothing of what is served. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { aFewATurn } from './few-a-turn.ts';

/** An error of Node's HTTP parser, or of its watch over slow clients. */
type ClientError = Error & { readonly code?: string };

/** What such a connection is judged by. */
export interface ClientFaultOptions {
  /** After how many milliseconds a connection ends that was never used. */
  readonly idleMs: number;
  /** Returns the last response on a connection. */
  readonly lastResponse: (
    socket: Socket,
  ) => Pick<ServerResponse, 'headersSent' | 'writableFinished' | 'socket'> | undefined;
}

/** What all other errors of the parser mean: the client does not speak HTTP. */
const badRequest = '400 Bad Request';
/** What Node calls errors of HTTP. The others are of the connection or of TLS: an answer might never be sent, and its end not come. */
const isOfHttp = /^(HPE_|ERR_HTTP_)/;
const statuses: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/**
 * Node finds all clients that are late at once, and to tell one so takes some tenths of a millisecond. Others get their turn
 * after so many.
 */
const lateATurn = 8;

/**
 * Returns the listener of `clientError`. It tells the client what was wrong and ends the connection, as Node does without a
 * listener, but for one case. Node counts the time for headers from the handshake on, so it takes a connection on which
 * nothing was asked yet for a slow client. It is a spare one: when many reviews come at once, the API server opens more than
 * it needs, and keeps them. It may take one into use just when it is closed, and sends no review a second time. So a spare
 * one stays as long as one that has been in use.
 */
export function onClientFault({ idleMs, lastResponse }: ClientFaultOptions) {
  const end = (error: ClientError, socket: Socket): void => endWithStatus(error, socket, lastResponse(socket));
  // also those that come through before their turn: Node times a late request no second time
  const inTurn = aFewATurn(lateATurn);
  return (error: ClientError, socket: Socket): void => {
    if (!isOfHttp.test(error.code ?? '')) {
      socket.destroy();
      return;
    }
    const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    const isSpare = isLate && socket.bytesRead === 0;
    if (isSpare) socket.setTimeout(idleMs);
    else if (isLate) inTurn(() => end(error, socket));
    else end(error, socket);
  };
}

function endWithStatus(
  { code = '' }: ClientError,
  socket: Socket,
  last: ReturnType<ClientFaultOptions['lastResponse']>,
): void {
  // a second answer in the middle of one would be taken for a part of it; one without a socket waits for another to end
  const isAmidAnswer = last?.writableFinished === false && (last.headersSent || last.socket === null);
  if (socket.writable && !isAmidAnswer) {
    socket.write(`HTTP/1.1 ${statuses[code] ?? badRequest}\r\nConnection: close\r\n\r\n`);
  }
  socket.destroySoon();
}
