/** Attacks: requests sent without waiting for answers. Each must be answered, in order. */
import assert from 'node:assert/strict';
import tls from 'node:tls';
import { type PreparedRequest, prepareRequest, stampUid } from '../../../bench/requests.ts';
import { type Response, ResponseReader } from '../../../bench/response-reader.ts';
import { samples } from '../../../bench/reviews.ts';
import { wrongReply } from '../../../bench/verify.ts';

/** The server allows four behind one that is not answered yet, which may be the last of the batch before. */
const depth = 3;
const [connections, rounds] = [20, 60];

/** Sends reviews three at a time on twenty connections. @throws when an answer is missing, wrong or out of order */
export async function pipelined(port: number): Promise<void> {
  await Promise.all(Array.from({ length: connections }, () => converse(port)));
}

async function converse(port: number): Promise<void> {
  const socket = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false });
  const requests = samples('mix').map(prepareRequest);
  const answers = readAnswers(socket);
  let number = 0;
  for (let round = 0; round < rounds; round++) {
    const batch = Array.from({ length: depth }, () => {
      const request = requests[number % requests.length] as PreparedRequest;
      const uid = stampUid(request, ++number);
      return { request, uid, bytes: Buffer.from(request.bytes) };
    });
    socket.write(Buffer.concat(batch.map(({ bytes }) => bytes)));
    for (const { request, uid } of batch) {
      const { value } = await answers.next();
      assert.ok(value, 'the server closed the connection');
      assert.equal(wrongReply(value, { sample: request, uid, isPatching: true }), undefined);
    }
  }
  socket.destroy();
}

async function* readAnswers(socket: tls.TLSSocket): AsyncGenerator<Response, undefined> {
  const reader = new ResponseReader();
  for await (const chunk of socket) yield* reader.push(chunk);
  return undefined;
}
