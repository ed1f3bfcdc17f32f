import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiObject, App, Chart, JsonPatch, Testing } from 'cdk8s';
import { PodIdentityWebhook, PodIdentityWebhookChart } from '../../charts/index.ts';
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

for (const namespace of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
  test(`the chart does not take ${namespace} for its own, and a construct may be there`, () => {
    assert.throws(() => renderChart({ namespace }), {
      message: new RegExp(`\\[webhook\\] namespace: got "${namespace}"; .*PodIdentityWebhook into a Chart of your own`),
    });
    const chart = new Chart(new App(), 'own', { namespace });
    new PodIdentityWebhook(chart, 'webhook', { image });
    assert.equal(find(Testing.synth(chart), 'Deployment').metadata.namespace, namespace);
  });
}

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
  for (const { kind, metadata } of manifests) {
    assert.equal(metadata.labels?.team, 'identity', kind);
    assert.equal(metadata.annotations?.['example.com/owner'], 'identity', kind);
    const name = kind === 'Namespace' ? 'other' : 'pod-identity-webhook';
    assert.equal(metadata.labels?.['app.kubernetes.io/name'], name, kind);
  }
});
