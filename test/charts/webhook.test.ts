import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, Chart, Testing } from 'cdk8s';
import { PodIdentityWebhook } from '../../charts/index.ts';
import { containerOf, find, image, type Manifest, renderChart } from '../support/charts.ts';

interface Binding {
  readonly subjects: readonly { readonly namespace: string }[];
}

test("in somebody's chart the webhook is in the namespace of the chart, and knows it", () => {
  const chart = new Chart(new App(), 'platform', { namespace: 'platform' });
  new PodIdentityWebhook(chart, 'webhook', { image });
  const manifests: readonly Manifest[] = Testing.synth(chart);
  assert.deepEqual(containerOf(manifests).args, ['--port=8443', '--namespace=platform']);
  assert.equal(find(manifests, 'Deployment').metadata.namespace, 'platform');
  assert.equal(find<Binding>(manifests, 'ClusterRoleBinding').subjects[0]?.namespace, 'platform');
  assert.ok(!manifests.some(({ kind }) => kind === 'Namespace'));
});

test('the namespace of the props wins over that of the chart', () => {
  const chart = new Chart(new App(), 'platform', { namespace: 'platform' });
  new PodIdentityWebhook(chart, 'webhook', { image, namespace: 'identity' });
  assert.equal(find(Testing.synth(chart), 'Deployment').metadata.namespace, 'identity');
});

test('two webhooks whose Services have names of their own share no object', () => {
  const second = renderChart({ serviceName: 'second' });
  const names = [renderChart(), second].map((manifests) =>
    manifests.filter(({ kind }) => kind !== 'Namespace').map(({ kind, metadata }) => `${kind} ${metadata.name}`),
  );
  const all = names.flat();
  assert.equal(new Set(all).size, all.length);
  const arg = ['--mutating-webhook-configuration=second', '--service-name=second', '--tls-secret=second'];
  assert.deepEqual(containerOf(second).args?.slice(1), arg);
});

test('Secret and registration follow the name of the Service unless they are given', () => {
  const given = { tlsSecret: 'tls', mutatingWebhookConfiguration: 'hook' };
  const manifests = renderChart({ serviceName: 'second', ...given });
  assert.deepEqual(containerOf(manifests).args?.slice(1), [
    '--mutating-webhook-configuration=hook',
    '--service-name=second',
    '--tls-secret=tls',
  ]);
  assert.equal(find(manifests, 'MutatingWebhookConfiguration').metadata.name, 'hook');
});
