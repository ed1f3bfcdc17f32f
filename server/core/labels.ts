/** Core: the label that a pod gets with its credentials. Only adds; a label that is there stays. */
import type { Identity } from './identity.ts';
import { podIdentityLabel } from './names.ts';
import type { Operation } from './patch.ts';
import type { PodMetadata } from './types.ts';

const value = 'enabled';

/** Returns what adds the label that goes with container credentials, or nothing where it is not due or is there. */
export function labelPatch(metadata: PodMetadata | null | undefined, { method }: Identity): readonly Operation[] {
  if (method !== 'container-credentials') return [];
  const labels = metadata?.labels;
  if (!metadata) return [{ op: 'add', path: '/metadata', value: { labels: { [podIdentityLabel]: value } } }];
  if (!labels) return [{ op: 'add', path: '/metadata/labels', value: { [podIdentityLabel]: value } }];
  if (Object.hasOwn(labels, podIdentityLabel)) return [];
  return [{ op: 'add', path: `/metadata/labels/${podIdentityLabel.replace('/', '~1')}`, value }];
}
