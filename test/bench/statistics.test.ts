/** Tests bench/statistics.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { percentile, ratios, summarize } from '../../bench/statistics.ts';

// the sum of two must be a number still; nothing that is measured comes near
const measured = fc.double({ noNaN: true, min: -1e300, max: 1e300 });
const values = fc.array(measured, { minLength: 1, maxLength: 200 });
const share = fc.double({ min: 0.001, max: 1, noNaN: true });

describe('a percentile', () => {
  it('is one of the values, not exceeded by at least that share, and the least such', () => {
    fc.assert(
      fc.property(values, share, (all, part) => {
        const result = percentile(all, part);
        const countUpTo = (limit: number) => all.filter((value) => value <= limit).length;
        assert.ok(all.includes(result));
        assert.ok(countUpTo(result) >= part * all.length);
        assert.ok(all.filter((value) => value < result).length < part * all.length);
      }),
    );
  });

  it('is refused for no values', () => {
    assert.throws(() => percentile([], 0.5), /no values/);
  });
});

describe('a summary', () => {
  it('does not depend on the order of the values', () => {
    fc.assert(fc.property(values, (all) => assert.deepEqual(summarize(all), summarize(all.toReversed()))));
  });

  it('has as many values below its median as above, and none outside its range', () => {
    fc.assert(
      fc.property(values, (all) => {
        const { median, min, max } = summarize(all);
        assert.ok(all.filter((value) => value < median).length <= all.length / 2);
        assert.ok(all.filter((value) => value > median).length <= all.length / 2);
        assert.deepEqual([min, max], [Math.min(...all), Math.max(...all)]);
      }),
    );
  });

  it('takes the mean of the middle two of an even number', () => {
    assert.deepEqual(summarize([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 });
  });
});

describe('ratios', () => {
  it('divide values of the same round', () => {
    assert.deepEqual(ratios([2, 9], [1, 3]), [2, 3]);
  });
});
