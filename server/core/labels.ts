/** Core: the labels that a pod gets with its credentials. Only adds; a label that is there stays. */
import type { Identity } from './identity.ts';
import { podIdentityLabel } from './names.ts';
import type { PodMetadata } from './types.ts';

/** Returns the metadata with the label that goes with container credentials: the very same object when it needs none. */
export function labelPod<M extends PodMetadata | null | undefined>(metadata: M, { method }: Identity): M | PodMetadata {
  if (method !== 'container-credentials' || Object.hasOwn(metadata?.labels ?? {}, podIdentityLabel)) return metadata;
  return { ...metadata, labels: { ...metadata?.labels, [podIdentityLabel]: 'enabled' } };
}
