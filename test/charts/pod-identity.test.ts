import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiObject, App, Chart, Testing } from 'cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import { IamServiceAccount, PodIdentity, type PodIdentityOptions } from '../../charts/index.ts';
import { judgeKey } from '../../server/core/names.ts';

const roleArn = 'arn:aws:iam::111122223333:role/s3-reader';
const everything = {
  roleArn,
  audience: 'sts.amazonaws.com',
  tokenExpiration: 3600,
  region: 'us-west-2',
  stsRegionalEndpoints: true,
  skipContainers: ['proxy', 'log'],
  includeContainers: ['app'],
} as const satisfies PodIdentityOptions;
const expected = {
  'eks.amazonaws.com/role-arn': roleArn,
  'eks.amazonaws.com/audience': 'sts.amazonaws.com',
  'eks.amazonaws.com/token-expiration': '3600',
  'eks.amazonaws.com/region': 'us-west-2',
  'eks.amazonaws.com/sts-regional-endpoints': 'true',
  'eks.amazonaws.com/skip-containers': 'proxy,log',
  'eks.amazonaws.com/include-containers': 'app',
};

const newChart = () => new Chart(new App(), 'chart');

/** Returns the annotations of the only object of the chart. */
function annotations(chart: Chart): Readonly<Record<string, string>> {
  const [account, ...others] = Testing.synth(chart);
  assert.equal(account.kind, 'ServiceAccount');
  assert.deepEqual(others, []);
  return account.metadata.annotations;
}

test('a service account is made with its annotations, beside those that it has', () => {
  const chart = newChart();
  const metadata = { name: 'reader', annotations: { 'example.com/owner': 'me' } };
  new IamServiceAccount(chart, 'account', { ...everything, metadata });
  assert.deepEqual(annotations(chart), { 'example.com/owner': 'me', ...expected });
});

test('an account of cdk8s-plus is annotated, and an ApiObject', () => {
  const [plus, raw] = [newChart(), newChart()];
  PodIdentity.of(new ServiceAccount(plus, 'account')).annotate(everything);
  PodIdentity.of(new ApiObject(raw, 'account', { apiVersion: 'v1', kind: 'ServiceAccount' })).annotate({ roleArn });
  assert.deepEqual(annotations(plus), expected);
  assert.deepEqual(annotations(raw), { 'eks.amazonaws.com/role-arn': roleArn });
});

test('the server reads every annotation from a service account', () => {
  for (const key of Object.keys(expected)) {
    const verdict = judgeKey(key, 'eks.amazonaws.com');
    assert.ok(verdict?.kind === 'read', key);
  }
});

test("another prefix is the webhook's", () => {
  const chart = newChart();
  new IamServiceAccount(chart, 'account', { roleArn, annotationPrefix: 'iam.example.com' });
  assert.deepEqual(annotations(chart), { 'iam.example.com/role-arn': roleArn });
});

test('a misspelt annotation does not compile, nor one of another type', () => {
  const make = (chart: Chart) => {
    // @ts-expect-error: it is roleArn
    new IamServiceAccount(chart, '1', { roleARN: roleArn });
    // @ts-expect-error: there is no such annotation
    PodIdentity.of(chart).annotate({ roleArn, tokenExpiry: 3600 });
    // @ts-expect-error: seconds are a number
    PodIdentity.of(chart).annotate({ roleArn, tokenExpiration: '3600' });
    // @ts-expect-error: a role is what it is for
    PodIdentity.of(chart).annotate({});
  };
  assert.throws(() => make(newChart()));
});

for (const good of [
  'arn:aws-cn:iam::111122223333:role/team/s3-reader',
  'arn:aws-us-gov:iam::111122223333:role/a_b+c=d,e.f@g-h',
  's3-reader',
  'team/s3-reader',
]) {
  test(`a role may be ${good}`, () => {
    const chart = newChart();
    new IamServiceAccount(chart, 'account', { roleArn: good });
    assert.equal(annotations(chart)['eks.amazonaws.com/role-arn'], good);
  });
}

test('wrong options fail at synth, all at once, each with its value and the rule', () => {
  const chart = newChart();
  const bad = {
    tokenExpiration: 60,
    region: 'Oregon',
    skipContainers: ['A'],
    stsRegionalEndpoints: 'yes',
    rolArn: 'r',
  };
  new IamServiceAccount(chart, 'account', { roleArn: 'arn:aws:iam::1:role/r', ...bad } as never);
  assert.throws(
    () => Testing.synth(chart),
    ({ message }: Error) => {
      const lines = message.split('\n').slice(1);
      const starts = [
        'roleArn: got "arn:aws:iam::1:role/r"; must be arn:aws:iam::<12 digits>:role/',
        'tokenExpiration: got "60"; must be a whole number of seconds from 600 to 86400',
        'region: got "Oregon"; must be the name of a region',
        'skipContainers[0]: got "A"; must be the name of a container',
        'stsRegionalEndpoints: got "yes"; must be true or false',
        'rolArn: is no prop; write roleArn if that is meant',
      ];
      assert.equal(lines.length, starts.length, message);
      for (const start of starts) assert.ok(message.includes(`[chart/account] ${start}`), `${start}\n${message}`);
      return true;
    },
  );
});

test('only service accounts are annotated', () => {
  const pod = new ApiObject(newChart(), 'pod', { apiVersion: 'v1', kind: 'Pod' });
  assert.throws(() => PodIdentity.of(pod), /chart\/pod: must be a ServiceAccount, is a Pod/);
});
