/** Charts: the pods on as many zones and nodes as there are, without insisting: one node is enough. */
import type { k8s } from 'cdk8s-plus-27';
import type { Settings } from './settings.ts';

const domains = ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'];

/** Returns the constraints that the props give, or the default: each revision by itself, so that a rollout ends spread. */
export function topologySpread({ props, selector }: Settings): k8s.TopologySpreadConstraint[] {
  if (props.topologySpreadConstraints) return [...props.topologySpreadConstraints];
  return domains.map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selector },
    matchLabelKeys: ['pod-template-hash'],
  }));
}
