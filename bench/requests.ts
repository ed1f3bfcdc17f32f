/** Bench: requests as bytes, made before the clock runs; only the uid is written for each. Sends nothing. */
import { type Sample, uidPlaceholder } from './reviews.ts';

/** A request whose bytes are used again and again; a connection needs its own. */
export interface PreparedRequest extends Sample {
  readonly bytes: Buffer;
  readonly uidEnd: number;
}

/** Returns the request in the API server's form. */
export function prepareRequest(sample: Sample): PreparedRequest {
  const body = JSON.stringify(sample.review);
  const head = [
    'POST /mutate?timeout=10s HTTP/1.1',
    'Host: localhost',
    'User-Agent: kube-apiserver-admission',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Accept: application/json, */*',
    'Content-Type: application/json',
    'Accept-Encoding: gzip',
  ].join('\r\n');
  const bytes = Buffer.from(`${head}\r\n\r\n${body}`);
  return { ...sample, bytes, uidEnd: bytes.indexOf(uidPlaceholder) + uidPlaceholder.length };
}

/** Writes the number as the last twelve digits of the uid and returns the whole uid. */
export function stampUid({ bytes, uidEnd }: PreparedRequest, number: number): string {
  const digits = number.toString(16).padStart(12, '0');
  bytes.write(digits, uidEnd - digits.length, 'latin1');
  return uidPlaceholder.slice(0, -digits.length) + digits;
}
