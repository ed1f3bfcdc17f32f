/** Core, fourth stage: carries a plan out. Returns what is to be added, and leaves the pod as it is. */
import { equipContainer } from './container.ts';
import type { Warning } from './faults.ts';
import { labelPatch } from './labels.ts';
import { append, type Operation } from './patch.ts';
import type { Plan } from './plan.ts';
import type { Container, Pod, VolumeMount } from './types.ts';

/** All that a pod lacks of its credentials. */
export interface Mutation {
  /** Empty when it lacks nothing. */
  readonly patch: readonly Operation[];
  /** How many containers were chosen. */
  readonly chosen: number;
  readonly warnings: readonly Warning[];
}

/** Returns all that the plan gives the pod and that it lacks. */
export function mutatePod({ metadata, spec }: Pod, plan: Plan): Mutation {
  const patch: Operation[] = [];
  const warnings: Warning[] = [...plan.warnings];
  let chosen = 0;
  let mountsVolume = false;
  const equip = (path: string, containers: readonly Container[]): void => {
    for (const [i, container] of containers.entries()) {
      if (!plan.isChosen(container)) continue;
      chosen++;
      const equipment = equipContainer(container, plan);
      append(patch, { path: `${path}/${i}/env`, list: container.env, added: equipment.env });
      append(patch, { path: `${path}/${i}/volumeMounts`, list: container.volumeMounts, added: equipment.volumeMounts });
      warnings.push(...equipment.warnings);
      mountsVolume ||= hasMount(equipment.volumeMounts, plan) || hasMount(container.volumeMounts, plan);
    }
  };
  equip('/spec/initContainers', spec.initContainers ?? []);
  equip('/spec/containers', spec.containers);
  if (plan.volume.added && mountsVolume) {
    append(patch, { path: '/spec/volumes', list: spec.volumes, added: [plan.volume.added] });
    warnings.push(...plan.volume.warnings);
  }
  if (chosen > 0) patch.push(...labelPatch(metadata, plan.identity));
  return { patch, chosen, warnings };
}

function hasMount(mounts: readonly VolumeMount[] | null | undefined, { volume }: Plan): boolean {
  return mounts?.some(({ name }) => name === volume.name) ?? false;
}
