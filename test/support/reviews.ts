/** Builds AdmissionReviews and settings for tests. */
import { type Config, flags } from '../../contract/flags.ts';

/** Every flag at its fallback. */
export const settings = Object.fromEntries(
  Object.entries(flags).map(([key, { fallback }]) => [key, fallback]),
) as unknown as Config;

/** Returns the review of the creation of a pod; `request` replaces or adds fields of the request. */
export function review(pod: unknown, request: Readonly<Record<string, unknown>> = {}) {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace: 'shop',
      object: pod,
      ...request,
    },
  };
}
