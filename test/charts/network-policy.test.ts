import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkPolicyOptions } from '../../charts/index.ts';
import { find, renderChart } from '../support/charts.ts';

interface Policy {
  readonly spec: { readonly ingress: readonly unknown[]; readonly egress: readonly unknown[] };
}

const policy = (networkPolicy: NetworkPolicyOptions, metricsPort = 9999) =>
  find<Policy>(renderChart({ networkPolicy, metricsPort }), 'NetworkPolicy').spec;
const apiServerPorts = [443, 6443].map((port) => ({ protocol: 'TCP', port }));

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
  const { ingress, egress } = policy({ apiServerCidrs: ['10.0.0.0/16'], egress: [more] }, 0);
  assert.deepEqual(ingress, [{ ports: [{ port: 'https' }], from: block }]);
  assert.deepEqual(egress, [{ ports: apiServerPorts, to: block }, more]);
});

test('there is none unless it is asked for', () => {
  assert.ok(!renderChart().some(({ kind }) => kind === 'NetworkPolicy'));
});
