/** IO, Kubernetes: says which right is missing, and what grants it. Asks for nothing. */
import type { AccessRule } from '../../../contract/access.ts';

/** What the API server has refused. */
export interface Refusal {
  readonly access: AccessRule;
  readonly verb: string;
  /** Name of the only object; absent: all of the resource. */
  readonly objectName?: string | undefined;
}

/** Returns the text for whoever grants rights. */
export function forbiddenText({ access, verb, objectName }: Refusal): string {
  const { resource, apiGroup, verbs, scope } = access;
  const role = scope === 'cluster' ? 'ClusterRole' : 'Role';
  const object = objectName === undefined ? resource : `${resource} "${objectName}"`;
  return `The API server forbids "${verb}" of ${object}: the ${role} of this webhook's service account must grant ${verbs.join(', ')} on ${resource} of API group "${apiGroup}", as the one does that the constructs render with these flags (cdk8s synth with the same props); asking again every half minute`;
}
