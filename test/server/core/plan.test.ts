import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Identity } from '../../../server/core/identity.ts';
import { planPod } from '../../../server/core/plan.ts';
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

test('of half a million containers that an annotation names and the pod lacks, a hundred are warned of', () => {
  const listed = Array.from({ length: 500_000 }, (_, i) => `ghost-${i}`);
  const choice = { skipped: new Set<string>(), named: [['skip-containers', listed]] } as const;
  const identity: Identity = {
    method: 'web-identity',
    volumeName: 'aws-iam-token',
    mountPath: '/token',
    tokenPath: 'token',
    audience: 'sts.amazonaws.com',
    expirationSeconds: 3600,
    isDrawn: false,
    credentialVariables: [],
    isStsRegional: false,
    region: '',
  };
  const { warnings } = planPod({ spec: { containers: [{ name: 'app' }] } }, { identity, choice });
  assert.equal(warnings.length, 100);
  assert.match(warnings[0]?.text ?? '', /names "ghost-0"/);
});
