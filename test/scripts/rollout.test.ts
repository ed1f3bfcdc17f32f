import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeRollout, type RollingPod, tryDescribeWait } from '../../scripts/rollout.ts';

const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };
const ready: RollingPod = { ...object, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
const deployment = (status: object, generation = 1) => ({
  ...object,
  metadata: { name: 'd', generation },
  spec: { replicas: 2 },
  status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...status },
});
const waiting = (reason: string, message: string): RollingPod => ({
  ...object,
  status: { containerStatuses: [{ ready: false, state: { waiting: { reason, message } } }] },
});

test('a deployment is ready when all its pods are new and available and no old one is left', () => {
  assert.deepEqual(judgeRollout(deployment({}), [ready]), { isReady: true, line: '2 of 2 pods ready' });
  assert.equal(judgeRollout(deployment({ replicas: 3 }), []).isReady, false);
  assert.equal(judgeRollout(deployment({ updatedReplicas: 1 }), []).line, '1 of 2 pods ready');
  assert.equal(judgeRollout(deployment({ availableReplicas: 0 }), []).line, '0 of 2 pods ready');
});

test('a status from before the last change counts for nothing', () => {
  assert.deepEqual(judgeRollout(deployment({}, 2), []), { isReady: false, line: '0 of 2 pods ready' });
});

test('an image that cannot be had is an obstacle, a first failed pull is not', () => {
  const progress = judgeRollout(deployment({ availableReplicas: 1 }), [
    ready,
    waiting('ImagePullBackOff', 'no such host'),
  ]);
  assert.equal(progress.obstacle, 'ImagePullBackOff: no such host');
  assert.equal(progress.line, '1 of 2 pods ready; a ImagePullBackOff: no such host');
  assert.equal(judgeRollout(deployment({ availableReplicas: 1 }), [waiting('ErrImagePull', 'x')]).obstacle, undefined);
});

test('a pod that is not ready says what it waits for', () => {
  assert.equal(tryDescribeWait(ready), undefined);
  assert.equal(tryDescribeWait(object), 'a is new');
  assert.equal(tryDescribeWait({ ...object, status: { containerStatuses: [{ ready: false }] } }), 'a is not ready yet');
  const unplaced = { type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' };
  assert.equal(tryDescribeWait({ ...object, status: { conditions: [unplaced] } }), 'a 0/1 nodes are available');
});

test('a pod that ends again and again says what it said at its end', () => {
  const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } };
  const lastState = { terminated: { exitCode: 2, message: 'no such flag\n' } };
  const pod = { ...object, status: { containerStatuses: [{ ready: false, state, lastState }] } };
  assert.equal(tryDescribeWait(pod), 'a CrashLoopBackOff: no such flag');
});
