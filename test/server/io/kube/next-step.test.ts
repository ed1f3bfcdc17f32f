import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Ending, firstPosition, nextStep, type Position } from '../../../../server/io/kube/next-step.ts';

const following: Position = { ...firstPosition, resourceVersion: '5' };
const ending: Ending = { verb: 'watch', status: 200, reason: '', resourceVersion: '9', wasHeard: false, lastedMs: 0 };
const half = () => 0.5;

test('drops a resource version that a restored etcd has not reached yet', () => {
  const reason = 'Timeout: Too large resource version: 900, current: 20';
  const { position } = nextStep(following, { ...ending, status: 504, reason }, half);
  assert.equal(position.resourceVersion, undefined);
});

test('keeps the resource version through any other trouble of the server', () => {
  for (const status of [0, 401, 403, 408, 429, 500, 503, 504]) {
    assert.equal(nextStep(following, { ...ending, status }, half).position.resourceVersion, '9', String(status));
  }
});

test('takes a long silent watch for a healthy one', () => {
  const { position, waitMs } = nextStep({ ...following, failures: 3 }, { ...ending, lastedMs: 300_000 }, half);
  assert.deepEqual([position.failures, waitMs], [0, 0]);
});

test('relists ever more slowly from a server that only closes', () => {
  let position = following;
  const relistWaits: number[] = [];
  for (let i = 0; i < 30; i++) {
    const step = nextStep(position, { ...ending, resourceVersion: '9' }, () => 1);
    if (step.position.resourceVersion === undefined) relistWaits.push(step.waitMs);
    position = step.position;
  }
  assert.deepEqual(relistWaits.slice(0, 7), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('never streams again once that was refused', () => {
  const first = nextStep(firstPosition, { ...ending, status: 422, resourceVersion: undefined }, half);
  assert.deepEqual([first.position.way, first.waitMs], ['pages', 0]);
  const second = nextStep(first.position, { ...ending, verb: 'list', status: 500, resourceVersion: undefined }, half);
  assert.equal(second.position.way, 'pages');
});

test('ends every wait within half a minute of what the server asked for', () => {
  const endings = fc.record({
    verb: fc.constantFrom('list', 'watch'),
    status: fc.constantFrom(0, 200, 400, 401, 403, 408, 410, 422, 429, 500, 503, 504),
    reason: fc.string(),
    resourceVersion: fc.option(fc.constant('9'), { nil: undefined }),
    wasHeard: fc.boolean(),
    lastedMs: fc.nat(1_000_000),
    retryAfterMs: fc.nat(300_000),
  });
  const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.array(endings, { maxLength: 30 }), draw, (seen, number) => {
      let position = firstPosition;
      for (const end of seen as Ending[]) {
        const step = nextStep(position, end, () => number);
        assert.ok(step.waitMs >= 0 && step.waitMs <= 35_000 + (end.retryAfterMs ?? 0));
        position = step.position;
      }
    }),
  );
});
