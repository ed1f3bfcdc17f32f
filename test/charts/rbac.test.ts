import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Certificates, type PodIdentityWebhookProps } from '../../charts/index.ts';
import { access } from '../../contract/access.ts';
import { type Manifest, renderChart } from '../support/charts.ts';
import { somePem } from '../support/prop-combinations.ts';

interface Rule {
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Returns the rules of the ClusterRole or the Role: `resource(names): verbs`. */
function rights(kind: string, props: Partial<PodIdentityWebhookProps>): readonly string[] {
  const roles = renderChart(props).filter((one): one is Manifest & { rules: readonly Rule[] } => one.kind === kind);
  return roles.flatMap(({ rules }) =>
    rules.map(({ resources, resourceNames, verbs }) => `${resources}(${resourceNames ?? '*'}): ${verbs}`),
  );
}

const accounts = 'serviceaccounts(*): get,list,watch';
const registration = 'mutatingwebhookconfigurations(iam-for-pods): get,list,watch,patch';
const secret = ['secrets(iam-for-pods): get,list,watch,update', 'secrets(*): create'];

test('with a CA of its own the webhook may read accounts, keep its Secret and its registration, and no more', () => {
  assert.deepEqual(rights('ClusterRole', {}), [accounts, registration]);
  assert.deepEqual(rights('Role', {}), secret);
});

test('with signing requests it may make such requests as well, and approve none', () => {
  const props = { certificates: Certificates.signingRequest({ signer: 'example.com/serving' }) };
  const requests = 'certificatesigningrequests(*): get,list,watch,create';
  assert.deepEqual(rights('ClusterRole', props), [accounts, registration, requests]);
  assert.deepEqual(rights('Role', props), secret);
});

for (const certificates of [Certificates.certManager(), Certificates.secret({ name: 'tls', caBundle: somePem })]) {
  test(`it may only read accounts where the certificate is somebody else's: ${certificates.kind}`, () => {
    assert.deepEqual(rights('ClusterRole', { certificates }), [accounts]);
    assert.deepEqual(rights('Role', { certificates }), []);
    assert.ok(!renderChart({ certificates }).some(({ kind }) => kind === 'RoleBinding'));
  });
}

test('it may read the one ConfigMap where that is followed', () => {
  const configMap = 'configmaps(pod-identity-webhook): get,list,watch';
  assert.deepEqual(rights('Role', { watchConfigMap: true }), [configMap, ...secret]);
  assert.ok(rights('Role', { identities: [] }).includes(configMap));
});

test('names of the flags are those that rights are bound to', () => {
  const props = { tlsSecret: 'tls', mutatingWebhookConfiguration: 'hook' };
  assert.deepEqual(rights('ClusterRole', props), [accounts, registration.replace('iam-for-pods', 'hook')]);
  assert.equal(rights('Role', props)[0], 'secrets(tls): get,list,watch,update');
});

test('every right of the contract is granted by some props', () => {
  const signing = {
    watchConfigMap: true,
    certificates: Certificates.signingRequest({ signer: 'example.com/serving' }),
  };
  const granted = [...rights('ClusterRole', signing), ...rights('Role', signing)];
  assert.equal(granted.length, Object.keys(access).length);
});
