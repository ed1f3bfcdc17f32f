import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLineSplitter } from '../../../../server/io/kube/lines.ts';

function collect(limitBytes: number) {
  const lines: string[] = [];
  return { lines, splitter: createLineSplitter(limitBytes, (line) => lines.push(line.toString())) };
}

test('gives the same lines however the bytes are cut into chunks', () => {
  const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ' '));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(40)), (texts, sizes) => {
      const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
      const { lines, splitter } = collect(1_000_000);
      let start = 0;
      for (const size of [...sizes, bytes.length]) {
        assert.ok(splitter.push(bytes.subarray(start, start + size)));
        start += size;
      }
      assert.deepEqual(
        lines,
        texts.map((text) => Buffer.from(text).toString()).filter((text) => text !== ''),
      );
      assert.equal(splitter.heldBytes, 0);
    }),
  );
});

test('holds an unfinished line back and says how long it is', () => {
  const { lines, splitter } = collect(100);
  splitter.push(Buffer.from('one\ntw'));
  assert.deepEqual(lines, ['one']);
  assert.equal(splitter.heldBytes, 2);
});

test('takes a line that is as long as the limit and refuses a longer one, finished or not', () => {
  assert.equal(collect(4).splitter.push(Buffer.from('four\n')), true);
  assert.equal(collect(4).splitter.push(Buffer.from('fiver')), false);
  assert.equal(collect(4).splitter.push(Buffer.from('fiver\n')), false);
  const { splitter } = collect(4);
  assert.equal(splitter.push(Buffer.from('thr')), true);
  assert.equal(splitter.push(Buffer.from('ee\n')), false);
});
