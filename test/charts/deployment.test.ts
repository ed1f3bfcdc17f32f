import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodIdentityWebhookProps } from '../../charts/index.ts';
import { find, podOf, renderChart } from '../support/charts.ts';

interface Deployment {
  readonly spec: {
    readonly replicas?: number;
    readonly minReadySeconds: number;
    readonly strategy: unknown;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  };
}

const specOf = (props: Partial<PodIdentityWebhookProps> = {}) =>
  find<Deployment>(renderChart(props), 'Deployment').spec;
const strategy = (maxSurge: number, maxUnavailable: number) => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge, maxUnavailable },
});

test('two pods roll on one node, the new one first', () => {
  assert.equal(specOf().replicas, 2);
  assert.deepEqual(specOf().strategy, strategy(1, 0));
  assert.ok(specOf().minReadySeconds > 0);
  for (const { whenUnsatisfiable } of podOf(renderChart()).topologySpreadConstraints ?? []) {
    assert.equal(whenUnsatisfiable, 'ScheduleAnyway');
  }
  assert.equal(podOf(renderChart()).affinity, undefined);
});

test('pods are spread over zones and over nodes', () => {
  const keys = podOf(renderChart()).topologySpreadConstraints?.map(({ topologyKey }) => topologyKey);
  assert.deepEqual(keys, ['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
});

test('where pods have the ports of their node, the old one makes room first', () => {
  assert.deepEqual(specOf({ hostNetwork: true }).strategy, strategy(0, 1));
  assert.equal(podOf(renderChart({ hostNetwork: true })).dnsPolicy, 'ClusterFirstWithHostNet');
  assert.equal(podOf(renderChart()).dnsPolicy, undefined);
});

test('the load decides how many there are where it is asked to: applying again does not', () => {
  const props = { autoscaling: { maxReplicas: 5 } };
  assert.ok(!('replicas' in specOf(props)));
  const scaler = find<{ spec: object }>(renderChart(props), 'HorizontalPodAutoscaler');
  assert.deepEqual(scaler.spec, {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'iam-for-pods' },
    minReplicas: 2,
    maxReplicas: 5,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
  });
});

test('a drain takes one pod at a time, and is not held up by a broken one', () => {
  const { spec } = find<{ spec: object }>(renderChart(), 'PodDisruptionBudget');
  assert.deepEqual(spec, {
    maxUnavailable: 1,
    selector: { matchLabels: specOf().selector.matchLabels },
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  });
});
