/** Fuzz: sends one request over TLS on connections that are kept, and waits for its answer. Judges nothing. */
import { once } from 'node:events';
import https from 'node:https';
import type { Wire } from './transport.ts';

/** What came back. */
export interface Answer {
  readonly status: number;
  /** Empty where there is none. */
  readonly contentType: string;
  readonly body: Buffer;
}

/** What became of a request. */
export interface Outcome {
  /** An error: the connection ended first, or there was no answer in time. */
  readonly answer: Answer | Error;
  /** From the sending to the end of the answer. */
  readonly ms: number;
}

/** Sends requests to one port. */
export interface Sender {
  send(wire: Wire): Promise<Outcome>;
  close(): void;
}

/** So long nothing takes, however slow and busy the machine: it hangs. */
const hangMs = 30_000;

/** Opens a sender with so many connections at most. */
export function openSender(port: number, connections: number): Sender {
  const agent = new https.Agent({ keepAlive: true, maxSockets: connections, rejectUnauthorized: false });
  return {
    send: async (wire) => {
      const startMs = performance.now();
      const answer = await exchange(wire, { agent, port }).catch((error: Error) => error);
      return { answer, ms: performance.now() - startMs };
    },
    close: () => agent.destroy(),
  };
}

async function exchange({ body, path = '/mutate?timeout=10s', headers, pieces }: Wire, to: https.RequestOptions) {
  const signal = AbortSignal.timeout(hangMs);
  const type = { 'content-type': 'application/json' };
  const request = https.request({
    ...to,
    host: '127.0.0.1',
    method: 'POST',
    path,
    headers: { ...type, ...headers },
    signal,
  });
  // an error after the answer is nobody's concern: what is left of a body that was refused finds no reader
  request.on('error', () => {});
  const answered = once(request, 'response', { signal });
  if (pieces === undefined) request.end(body);
  else sendInPieces(request, body, pieces);
  const [response] = await answered;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const contentType: string = response.headers['content-type'] ?? '';
  return { status: response.statusCode, contentType, body: Buffer.concat(chunks) } satisfies Answer;
}

function sendInPieces(request: ReturnType<typeof https.request>, body: Buffer, pieces: number): void {
  const length = Math.max(1, Math.ceil(body.length / pieces));
  for (let at = 0; at < body.length; at += length) request.write(body.subarray(at, at + length));
  request.end();
}
