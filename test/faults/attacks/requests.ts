/** Attacks: requests, in part or whole, as text. Sends nothing. */

/** Returns the head of a review's request. */
export function head({ length, isChunked = false }: { length?: number; isChunked?: boolean }): string {
  const framing = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
  return `POST /mutate?timeout=10s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`;
}

/** A request that every webhook answers. */
export const livez = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';
/** A request with a long answer. */
export const metrics = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';
