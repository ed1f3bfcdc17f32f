/** Tests bench/response-reader.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ResponseReader } from '../../bench/response-reader.ts';

interface Sent {
  readonly status: number;
  readonly body: string;
  readonly chunkLengths: readonly number[] | undefined;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  status: fc.integer({ min: 200, max: 599 }),
  body: fc.string({ unit: 'binary', maxLength: 300 }),
  chunkLengths: fc.option(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), { nil: undefined }),
});

function encode({ status, body, chunkLengths }: Sent): Buffer {
  const bytes = Buffer.from(body);
  const head = `HTTP/1.1 ${status} Whatever\r\nContent-Type: application/json\r\n`;
  if (chunkLengths === undefined)
    return Buffer.concat([Buffer.from(`${head}Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
  const parts = [Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n`)];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const part = bytes.subarray(at, at + (chunkLengths[turn % chunkLengths.length] ?? 1));
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
    at += part.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

function readSplit(bytes: Buffer, cuts: readonly number[]) {
  const reader = new ResponseReader();
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).flatMap((end, index) => reader.push(bytes.subarray(edges[index], end)));
}

describe('the response reader', () => {
  it('reads what was sent, in order, with a length or in chunks, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 4 }), fc.array(fc.nat({ max: 5000 }), { maxLength: 20 }), (all, cuts) => {
        const read = readSplit(Buffer.concat(all.map(encode)), cuts);
        assert.deepEqual(
          read.map(({ status, body }) => ({ status, body: body.toString('hex') })),
          all.map(({ status, body }) => ({ status, body: Buffer.from(body).toString('hex') })),
        );
      }),
    );
  });

  it('reads byte by byte', () => {
    const bytes = encode({ status: 200, body: '{"a":"ü"}', chunkLengths: [3] });
    const reader = new ResponseReader();
    const read = Array.from(bytes, (byte) => reader.push(Buffer.from([byte]))).flat();
    assert.deepEqual(
      read.map(({ body }) => body.toString()),
      ['{"a":"ü"}'],
    );
  });

  it('refuses what is no response, and a response without a length', () => {
    assert.throws(() => new ResponseReader().push(Buffer.from('SSH-2.0\r\n\r\n')), /not an HTTP/);
    assert.throws(() => new ResponseReader().push(Buffer.from('HTTP/1.1 200 OK\r\n\r\n')), /without a length/);
  });
});
