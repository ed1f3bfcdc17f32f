import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerTo, review } from '../../support/reviews.ts';

const rule = (values: readonly string[], operator = 'In', key = 'kubernetes.io/os') => ({
  matchExpressions: [
    { key: 'topology.kubernetes.io/zone', operator: 'Exists' },
    { key, operator, values },
  ],
});

const windows = {
  'In windows': [rule(['windows'])],
  'In windows by the old label': [rule(['windows'], 'In', 'beta.kubernetes.io/os')],
  'In windows in each alternative': [rule(['windows']), rule(['windows'])],
};

const notWindows = {
  'no alternative': [],
  'NotIn windows': [rule(['windows'], 'NotIn')],
  'In windows or linux': [rule(['windows', 'linux'])],
  'In windows in one alternative of two': [rule(['windows']), rule(['linux'])],
  'a zone named windows': [rule(['windows'], 'In', 'topology.kubernetes.io/zone')],
  'an alternative without expressions': [rule(['windows']), { matchFields: [] }],
};

async function systemOf(
  nodeSelectorTerms: readonly unknown[],
  when = 'requiredDuringSchedulingIgnoredDuringExecution',
) {
  const affinity = { nodeAffinity: { [when]: { nodeSelectorTerms } } };
  const { reply } = await answerTo(review({ spec: { affinity, containers: [{ name: 'app' }] } }));
  return JSON.stringify(reply.patch).includes('C:\\\\') ? 'windows' : 'other';
}

for (const [what, terms] of Object.entries(windows)) {
  test(`required affinity to ${what} makes a Windows pod`, async () => assert.equal(await systemOf(terms), 'windows'));
}

for (const [what, terms] of Object.entries(notWindows)) {
  test(`required affinity to ${what} makes none`, async () => assert.equal(await systemOf(terms), 'other'));
}

test('preferred affinity makes no Windows pod', async () => {
  const terms = [rule(['windows'])];
  assert.equal(await systemOf(terms, 'preferredDuringSchedulingIgnoredDuringExecution'), 'other');
});
