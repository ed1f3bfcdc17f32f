import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeKey } from '../../../server/core/names.ts';

const prefix = 'eks.amazonaws.com';

const nearMisses = {
  'eks.amazon.com/role-arn': 'role-arn',
  'eks.amazonaws.com/role_arn': 'role-arn',
  'eks.amazonaws.com/Role-ARN': 'role-arn',
  'eks.amazonaws.com/rolearn': 'role-arn',
  'eks.amazonaws.com/role-anr': 'role-arn',
  'eks.amazonws.com/role-arn': 'role-arn',
  'EKS.AmazonAWS.com/role-arn': 'role-arn',
  'iam.amazonaws.com/role-arn': 'role-arn',
  'role-arn': 'role-arn',
  role_arn: 'role-arn',
  'eks.amazonaws.com/audiences': 'audience',
  'eks.amazonaws.com/token-expirations': 'token-expiration',
  'eks.amazonaws.com/sts-regional-endpoint': 'sts-regional-endpoints',
  'eks.amazonaws.com/sts_regional_endpoint': 'sts-regional-endpoints',
  'eks.amazonaws.com/skip-container': 'skip-containers',
  'eks.amazonaws.com/skip_containers': 'skip-containers',
  'eks.amazonaws.com/included-containers': 'include-containers',
};

for (const [key, meant] of Object.entries(nearMisses)) {
  test(`${key} is nearly ${meant}`, () =>
    assert.deepEqual(judgeKey(key, prefix), { kind: 'misspelt', meant: `${prefix}/${meant}` }));
}

for (const key of [
  'prometheus.io/scrape',
  'kubectl.kubernetes.io/last-applied-configuration',
  'eks.amazonaws.com/compute-type',
  'eks.amazonaws.com/fargate-profile',
  'eks.amazonaws.com/nodegroup',
  'eks.amazonaws.com/token-expiry',
  'eks.amazonaws.com/skip-pod-identity-webhook',
  'iam.amazonaws.com/role',
  'iam.amazonaws.com/external-id',
  'topology.kubernetes.io/region',
  'vault.hashicorp.com/role',
  'example.com/role-arn',
  'region',
  'audience',
  'skip-containers',
  '__proto__',
  'constructor',
  'eks.amazonaws.com/constructor',
  'eks.amazonaws.com/',
  '/role-arn',
  '',
]) {
  test(`${key || 'an empty key'} is none of its business`, () => assert.equal(judgeKey(key, prefix), undefined));
}

test('the annotations are read with their prefix, from the places they belong to', () => {
  const places = Object.fromEntries(
    [
      'role-arn',
      'audience',
      'sts-regional-endpoints',
      'token-expiration',
      'skip-containers',
      'include-containers',
      'region',
    ]
      .map((name) => [name, judgeKey(`iam.example.com/${name}`, 'iam.example.com')])
      .map(([name, verdict]) => [
        name,
        typeof verdict === 'object' && verdict.kind === 'read' && verdict.places.join(),
      ]),
  );
  assert.deepEqual(places, {
    'role-arn': 'service-account',
    audience: 'service-account',
    'sts-regional-endpoints': 'service-account',
    'token-expiration': 'service-account,pod',
    'skip-containers': 'service-account,pod',
    'include-containers': 'service-account,pod',
    region: 'service-account,pod',
  });
});

test("with a prefix of one's own the default one is another program's", () =>
  assert.equal(judgeKey('eks.amazonaws.com/role-arn', 'iam.example.com'), undefined));
