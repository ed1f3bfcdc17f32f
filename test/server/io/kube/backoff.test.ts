import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoffMs } from '../../../../server/io/kube/backoff.ts';

test('doubles the greatest wait with every attempt, up to half a minute', () => {
  const most = [1, 2, 3, 4, 5, 6, 7, 1000].map((attempt) => backoffMs(attempt, () => 1));
  assert.deepEqual(most, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('waits anywhere between nothing and the greatest wait', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, draw) => {
        const waitMs = backoffMs(attempt, () => draw);
        assert.ok(waitMs >= 0 && waitMs <= 30_000);
        assert.equal(
          backoffMs(attempt, () => 0),
          0,
        );
      },
    ),
  );
});
