/** Bench: reads HTTP/1.1 responses from the bytes of a connection, as little of them as the load generator needs. Owns no socket. */

/** One response. */
export interface Response {
  readonly status: number;
  readonly body: Buffer;
}

/** A response and how many bytes it took, its head included. */
interface Read {
  readonly response: Response;
  readonly end: number;
}

const headEnd = '\r\n\r\n';

/** Puts responses together from chunks, however they are split. */
export class ResponseReader {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * Returns the responses that this chunk completes, in order.
   * @throws when the bytes are no HTTP/1.1 response with a length
   */
  push(chunk: Buffer): readonly Response[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const responses: Response[] = [];
    for (let read = tryRead(bytes); read !== undefined; read = tryRead(bytes)) {
      responses.push(read.response);
      bytes = bytes.subarray(read.end);
    }
    this.#rest = bytes;
    return responses;
  }
}

function tryRead(bytes: Buffer): Read | undefined {
  const headLength = bytes.indexOf(headEnd, 0, 'latin1');
  if (headLength === -1) return undefined;
  const head = bytes.toString('latin1', 0, headLength);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) throw new Error(`not an HTTP/1.1 response: ${JSON.stringify(head.slice(0, 80))}`);
  const start = headLength + headEnd.length;
  const length = /\r\nContent-Length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return tryReadLength(bytes, { status, start, end: start + Number(length) });
  if (/\r\nTransfer-Encoding: *chunked/i.test(head)) return tryReadChunked(bytes, status, start);
  throw new Error(`a response without a length: ${JSON.stringify(head)}`);
}

function tryReadLength(bytes: Buffer, at: { status: number; start: number; end: number }): Read | undefined {
  if (bytes.length < at.end) return undefined;
  return { response: { status: at.status, body: bytes.subarray(at.start, at.end) }, end: at.end };
}

/** Go's server sends chunks once a reply is over 2 kB. Trailers, which no webhook sends, are not read. */
function tryReadChunked(bytes: Buffer, status: number, start: number): Read | undefined {
  const parts: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const dataEnd = lineEnd + 2 + size;
    if (!(bytes.length >= dataEnd + 2)) return undefined;
    if (size === 0) return { response: { status, body: Buffer.concat(parts) }, end: dataEnd + 2 };
    parts.push(bytes.subarray(lineEnd + 2, dataEnd));
    at = dataEnd + 2;
  }
}
