import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiObject, App, JsonPatch, Testing } from 'cdk8s';
import { PodIdentityWebhookChart } from '../../charts/index.ts';
import { find, image, renderChart } from '../support/charts.ts';
import { propCombinations } from '../support/prop-combinations.ts';

test('manifests are in the order in which each finds what it names', () => {
  assert.deepEqual(
    renderChart().map(({ kind }) => kind),
    [
      'Namespace',
      'ServiceAccount',
      'ClusterRole',
      'ClusterRoleBinding',
      'Role',
      'RoleBinding',
      'Service',
      'Deployment',
      'PodDisruptionBudget',
      'MutatingWebhookConfiguration',
    ],
  );
});

for (const { name, props } of propCombinations) {
  test(`every object has a fixed name and its namespace, the registration is last: ${name}`, () => {
    const manifests = renderChart(props);
    const spaceless = ['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'MutatingWebhookConfiguration'];
    const namespace = 'namespace' in props ? props.namespace : 'eks';
    for (const { kind, metadata } of manifests) {
      assert.equal(metadata.namespace, spaceless.includes(kind) ? undefined : namespace, kind);
      assert.doesNotMatch(metadata.name, /-c8[0-9a-f]{6}/);
    }
    assert.equal(manifests[0]?.kind, 'Namespace');
    assert.equal(manifests.at(-1)?.kind, 'MutatingWebhookConfiguration');
  });
}

test('the namespace takes only restricted pods, unless these have the network of their node', () => {
  const enforce = 'pod-security.kubernetes.io/enforce';
  assert.equal(find(renderChart(), 'Namespace').metadata.labels?.[enforce], 'restricted');
  assert.equal(find(renderChart({ hostNetwork: true }), 'Namespace').metadata.labels?.[enforce], 'privileged');
});

test('the inner objects can be patched', () => {
  const chart = new PodIdentityWebhookChart(new App(), 'webhook', { image });
  const { deployment, registration, rights, service } = chart.webhook;
  ApiObject.of(deployment).addJsonPatch(JsonPatch.replace('/spec/revisionHistoryLimit', 1));
  registration.addJsonPatch(JsonPatch.replace('/webhooks/0/name', 'other.example.com'));
  rights.clusterRole.addJsonPatch(JsonPatch.add('/rules/0/verbs/-', 'deletecollection'));
  service?.addJsonPatch(JsonPatch.add('/spec/internalTrafficPolicy', 'Local'));
  const manifests = Testing.synth(chart);
  const [deployed] = manifests.filter(({ kind }) => kind === 'Deployment');
  assert.equal(deployed.spec.revisionHistoryLimit, 1);
  assert.equal(manifests.at(-1).webhooks[0].name, 'other.example.com');
  assert.match(JSON.stringify(manifests), /"deletecollection".*"internalTrafficPolicy":"Local"/);
});

test('labels and annotations are on every object, and never replace those that selectors ask for', () => {
  const labels = { team: 'identity', 'app.kubernetes.io/name': 'other' };
  const manifests = renderChart({ labels, annotations: { 'example.com/owner': 'identity' } });
  for (const { kind, metadata } of manifests.filter(({ kind }) => kind !== 'Namespace')) {
    assert.equal(metadata.labels?.team, 'identity', kind);
    assert.equal(metadata.labels?.['app.kubernetes.io/name'], 'pod-identity-webhook', kind);
    assert.equal(metadata.annotations?.['example.com/owner'], 'identity', kind);
  }
});
