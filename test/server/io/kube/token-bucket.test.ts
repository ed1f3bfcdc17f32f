import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenBucket } from '../../../../server/io/kube/token-bucket.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

test('lets a burst through, then so many a second', async () => {
  const clock = new FakeClock();
  const take = createTokenBucket({ perSecond: 10, burst: 3, clock });
  const taken = (tries: number) => Array.from({ length: tries }, take).filter(Boolean).length;
  assert.equal(taken(5), 3);
  await clock.advance(100);
  assert.equal(taken(5), 1);
  await clock.advance(60_000);
  assert.equal(taken(9), 3);
});
