import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tryFindObstacle } from './packages.ts';

const machine = { platform: 'darwin', userId: 501, path: '/nowhere' };

test('names everything that a machine lacks, and the way out', () => {
  const obstacle = tryFindObstacle(machine) ?? '';
  for (const part of ['Linux (this is darwin)', 'root', 'Go 1.21', 'KUBECONFIG='])
    assert.ok(obstacle.includes(part), part);
});
