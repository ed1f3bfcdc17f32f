import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tryFindObstacle } from './packages.ts';
import { tryFindReasonToSkip } from './target.ts';

const machine = { platform: 'darwin', userId: 501, path: '/nowhere' };
const around = { ...machine, say: () => undefined };

test('tests are skipped on a machine that can start no cluster', () => {
  assert.equal(tryFindReasonToSkip({ ...around, env: {} }), tryFindObstacle(machine));
});

test('under CI they fail instead', () => {
  assert.throws(() => tryFindReasonToSkip({ ...around, env: { CI: 'true' } }), /no test cluster can be started/);
});

test('KUBECONFIG makes them run anywhere', () => {
  assert.equal(tryFindReasonToSkip({ ...around, env: { CI: 'true', KUBECONFIG: 'x' } }), undefined);
});
