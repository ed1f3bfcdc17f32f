import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkPolicyOptions, PodIdentityWebhookProps } from '../../charts/index.ts';
import { find, image, renderChart, synthFaults } from '../support/charts.ts';

interface Policy {
  readonly spec: { readonly ingress: readonly unknown[]; readonly egress: readonly unknown[] };
}

const policy = (networkPolicy: NetworkPolicyOptions, props: Partial<PodIdentityWebhookProps> = {}) =>
  find<Policy>(renderChart({ networkPolicy, ...props }), 'NetworkPolicy').spec;
const tcp = (...ports: readonly number[]) => ports.map((port) => ({ protocol: 'TCP', port }));
const apiServerPorts = tcp(443, 6443);

test('reviews come from anywhere, metrics are scraped by any namespace, only API servers are reached', () => {
  const { ingress, egress } = policy({});
  assert.deepEqual(ingress, [
    { ports: [{ port: 'https' }] },
    { ports: [{ port: 'metrics' }], from: [{ namespaceSelector: {} }] },
  ]);
  assert.deepEqual(egress, [{ ports: apiServerPorts }]);
});

test('the API server is where it is said to be, and who else is reached is said', () => {
  const block = [{ ipBlock: { cidr: '10.0.0.0/16' } }];
  const more = { to: [{ ipBlock: { cidr: '169.254.169.254/32' } }] };
  const { ingress, egress } = policy({ apiServerCidrs: ['10.0.0.0/16'], egress: [more] });
  assert.deepEqual(ingress[0], { ports: [{ port: 'https' }], from: block });
  assert.deepEqual(egress, [{ ports: apiServerPorts, to: block }, more]);
});

test('scrapers reach the port of reviews where metrics have none of their own', () => {
  const scraperNamespaces = { matchLabels: { team: 'monitoring' } };
  const { ingress } = policy({ apiServerCidrs: ['10.0.0.0/16'], scraperNamespaces }, { metricsPort: 0 });
  assert.deepEqual(ingress[1], {
    ports: [{ port: 'https' }],
    from: [{ namespaceSelector: scraperNamespaces }],
  });
});

for (const [kubeApi, ports] of [
  ['', [8443]],
  ['https://10.0.0.1:16443', [8443, 16_443]],
  ['https://10.0.0.1', [8443, 443]],
  ['http://10.0.0.1', [8443, 80]],
  ['https://10.0.0.1:8443', [8443]],
] as const) {
  test(`the API server is reached on the ports that are given, and on that of kubeApi: "${kubeApi}"`, () => {
    assert.deepEqual(policy({ apiServerPorts: [8443] }, { kubeApi }).egress, [{ ports: tcp(...ports) }]);
  });
}

test('instance metadata is reached where roles are composed with the account of the instance, and only then', () => {
  const metadata = { ports: tcp(80), to: [{ ipBlock: { cidr: '169.254.169.254/32' } }] };
  assert.deepEqual(policy({}, { composeRoleArn: true }).egress[1], metadata);
  assert.equal(policy({}, { composeRoleArn: true, roleArnAccountId: '111122223333' }).egress.length, 1);
});

test('a port that is none is refused', () => {
  const [fault] = synthFaults({ image, networkPolicy: { apiServerPorts: [0] } });
  assert.match(fault ?? '', /apiServerPorts/);
});

test('there is none unless it is asked for', () => {
  assert.ok(!renderChart().some(({ kind }) => kind === 'NetworkPolicy'));
});
