/** Core, fourth stage: carries a plan out. Returns a new pod that shares every untouched part with the old one. */
import { equipContainer } from './container.ts';
import type { Warning } from './faults.ts';
import { labelPod } from './labels.ts';
import type { Plan } from './plan.ts';
import type { Container, Pod } from './types.ts';

/** A pod with credentials: the very same object when it needs nothing. */
export interface Mutation {
  readonly pod: Pod;
  /** How many containers were chosen. */
  readonly chosen: number;
  readonly warnings: readonly Warning[];
}

/** Returns the pod with all that the plan gives it and that it lacks. */
export function mutatePod(pod: Pod, plan: Plan): Mutation {
  const { spec } = pod;
  const warnings: Warning[] = [...plan.warnings];
  let chosen = 0;
  const equip = (containers: readonly Container[]): readonly Container[] => {
    let isSame = true;
    const equipped = containers.map((container) => {
      if (!plan.isChosen(container)) return container;
      chosen++;
      const result = equipContainer(container, plan);
      warnings.push(...result.warnings);
      if (result.container !== container) isSame = false;
      return result.container;
    });
    return isSame ? containers : equipped;
  };
  const initContainers = spec.initContainers && equip(spec.initContainers);
  const containers = equip(spec.containers);
  const volumes = mountsVolume([...(initContainers ?? []), ...containers], plan)
    ? [...(spec.volumes ?? []), plan.volume.added]
    : spec.volumes;
  if (volumes !== spec.volumes) warnings.push(...plan.volume.warnings);
  const metadata = chosen > 0 ? labelPod(pod.metadata, plan.identity) : pod.metadata;
  if (initContainers === spec.initContainers && containers === spec.containers && volumes === spec.volumes)
    return { pod: metadata === pod.metadata ? pod : { ...pod, metadata: metadata ?? null }, chosen, warnings };
  const changed = { ...spec, containers, ...(initContainers && { initContainers }), ...(volumes && { volumes }) };
  return { pod: { ...pod, ...(metadata && { metadata }), spec: changed as Pod['spec'] }, chosen, warnings };
}

/** Says whether the planned volume is new and some container that is chosen mounts it. */
function mountsVolume(containers: readonly Container[], { volume, isChosen }: Plan): boolean {
  if (volume.added === undefined) return false;
  return containers.some(
    (container) => isChosen(container) && container.volumeMounts?.some((mount) => mount.name === volume.name),
  );
}
