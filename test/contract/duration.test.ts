import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, milliseconds, tryParseDuration } from '../../contract/duration.ts';

const spelled = { '0': 0, '0s': 0, '300ms': 300, '1.5s': 1500, '1m0s': 60_000, '1h30m': 5_400_000, '-2m': -120_000 };

for (const [text, ms] of Object.entries(spelled)) {
  test(`reads ${text} as ${ms} ms`, () => assert.equal(tryParseDuration(text)?.toMilliseconds(), ms));
}

for (const text of ['', '1', 'h', '1h 2m', '1d', '--1s', '1.2.3s']) {
  test(`refuses ${JSON.stringify(text)}`, () => assert.equal(tryParseDuration(text), undefined));
}

for (const [ms, text] of [
  [0, '0s'],
  [300, '300ms'],
  [60_000, '1m0s'],
  [31_536_000_000, '8760h0m0s'],
  [1500, '1.5s'],
] as const) {
  test(`writes ${ms} ms as ${text}, as Go does`, () => assert.equal(formatDuration(milliseconds(ms)), text));
}

test('reads back every length of whole milliseconds that it writes', () => {
  const property = fc.property(fc.integer({ min: -1e13, max: 1e13 }), (ms) => {
    assert.equal(tryParseDuration(formatDuration(milliseconds(ms)))?.toMilliseconds(), ms);
  });
  fc.assert(property, { numRuns: 2000 });
});
