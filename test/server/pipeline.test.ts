import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPipeline } from '../../server/pipeline.ts';
import { review, settings } from '../support/reviews.ts';

const facts = {
  outcome: 'cached',
  annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/s3-reader' },
} as const;

test('a pod whose account has a role gets variables, mount and volume', async () => {
  const pipeline = createPipeline(settings, { identities: { lookup: () => facts }, random: () => 0 });
  const pod = { spec: { serviceAccountName: 'reader', containers: [{ name: 'app' }] } };
  const answer = await pipeline(review(pod), 0);
  assert.ok('reply' in answer);
  assert.equal(answer.reason, 'MUTATED');
  assert.deepEqual(
    answer.reply.patch.map(({ op, path }) => `${op} ${path}`),
    ['add /spec/containers/0/env', 'add /spec/containers/0/volumeMounts', 'add /spec/volumes'],
  );
});
