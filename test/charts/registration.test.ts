import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { Certificates, type PodIdentityWebhookProps } from '../../charts/index.ts';
import { mirrorAnnotation, skipLabel } from '../../server/core/names.ts';
import { find, renderChart } from '../support/charts.ts';
import { somePem } from '../support/prop-combinations.ts';

const registration = (props: Partial<PodIdentityWebhookProps> = {}) =>
  find<{ webhooks: readonly k8s.MutatingWebhook[] }>(renderChart(props), 'MutatingWebhookConfiguration');

function entry(props: Partial<PodIdentityWebhookProps> = {}): k8s.MutatingWebhook {
  const [first, ...others] = registration(props).webhooks;
  assert.ok(first && others.length === 0);
  return first;
}

test('the API server asks about the creation of pods, and creates them when nobody answers', () => {
  const { clientConfig, objectSelector, matchConditions, ...rest } = entry();
  assert.deepEqual(rest, {
    name: 'pod-identity-webhook.amazonaws.com',
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: 'Namespaced' }],
    admissionReviewVersions: ['v1', 'v1beta1'],
    sideEffects: 'None',
    matchPolicy: 'Equivalent',
    failurePolicy: 'Ignore',
    reinvocationPolicy: 'IfNeeded',
    timeoutSeconds: 5,
  });
});

test('with a CA of its own there is no caBundle to set back what the webhook has written', () => {
  const service = { name: 'iam-for-pods', namespace: 'eks', path: '/mutate', port: 443 };
  assert.deepEqual(entry().clientConfig, { service });
  assert.ok(!renderChart().some(({ kind }) => kind === 'Secret'));
});

for (const certificates of [
  Certificates.secret({ name: 'tls', caBundle: somePem }),
  Certificates.signingRequest({ signer: 'example.com/serving', caBundle: somePem }),
]) {
  test(`a CA that is known is the caBundle, in base64: ${certificates.kind}`, () => {
    const { caBundle = '' } = entry({ certificates }).clientConfig;
    assert.equal(Buffer.from(caBundle, 'base64').toString(), somePem);
  });
}

test("cert-manager's injector finds the certificate by the annotation", () => {
  const { metadata, webhooks } = registration({ certificates: Certificates.certManager() });
  assert.deepEqual(metadata.annotations, { 'cert-manager.io/inject-ca-from': 'eks/iam-for-pods' });
  assert.ok(!('caBundle' in (webhooks[0]?.clientConfig ?? {})));
});

test('a URL stands for the Service', () => {
  const props = { url: 'https://webhook.example.com/mutate', certificates: Certificates.secret({ name: 'tls' }) };
  assert.deepEqual(entry(props).clientConfig, { url: props.url });
  assert.ok(!renderChart(props).some(({ kind }) => kind === 'Service'));
});

test('pods with the skip label and mirrors of static pods are never asked about, whatever else is chosen', () => {
  const objectSelector = { matchLabels: { app: 'a' }, matchExpressions: [{ key: 'b', operator: 'Exists' }] };
  const given = entry({ objectSelector, matchConditions: [{ name: 'own', expression: 'true' }] });
  const skipped = { key: skipLabel, operator: 'DoesNotExist' };
  assert.deepEqual(entry().objectSelector, { matchExpressions: [skipped] });
  assert.deepEqual(given.objectSelector, {
    matchLabels: { app: 'a' },
    matchExpressions: [skipped, { key: 'b', operator: 'Exists' }],
  });
  assert.deepEqual(
    given.matchConditions?.map(({ name }) => name),
    ['no-mirror-pods', 'own'],
  );
  assert.ok(given.matchConditions?.[0]?.expression.includes(`'${mirrorAnnotation}'`));
});

test('the API server waits some seconds longer than the server itself, as far as it may', () => {
  const timeout = (seconds: number) => {
    return entry({ serviceAccountLookupGracePeriod: Duration.millis(seconds * 1000) }).timeoutSeconds;
  };
  assert.deepEqual([0, 0.3, 1, 25].map(timeout), [4, 5, 5, 29]);
  assert.equal(entry({ timeoutSeconds: 3 }).timeoutSeconds, 3);
});

test('where pods fail closed, those of kube-system and of the own namespace are not asked about', () => {
  const values = (props: Partial<PodIdentityWebhookProps>) => {
    const [row, ...others] = entry({ failurePolicy: 'Fail', ...props }).namespaceSelector?.matchExpressions ?? [];
    assert.deepEqual(others, []);
    assert.partialDeepStrictEqual(row, { key: 'kubernetes.io/metadata.name', operator: 'NotIn' });
    return row?.values;
  };
  assert.deepEqual(values({}), ['kube-system', 'eks']);
  assert.deepEqual(values({ namespace: 'identity' }), ['kube-system', 'identity']);
  assert.deepEqual(entry({ failurePolicy: 'Fail', namespaceSelector: {} }).namespaceSelector, {});
  assert.equal(entry({ failurePolicy: 'Ignore' }).namespaceSelector, undefined);
});

test('what props say of it is what it says', () => {
  const namespaceSelector = { matchLabels: { identity: 'yes' } };
  const props = { failurePolicy: 'Fail', reinvocationPolicy: 'Never', namespaceSelector } as const;
  assert.partialDeepStrictEqual(entry(props), props);
});
