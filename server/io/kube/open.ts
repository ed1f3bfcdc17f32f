/** IO, Kubernetes: puts the adapter together. The one file that the wiring loads, and only when there is an API server to follow. */
import type { Clock } from '../../ports.ts';
import { type KubeAccessOptions, loadKubeAccess } from './access.ts';
import { createKubeClient, type KubeClient } from './client.ts';

export { createServiceAccountSource } from './service-accounts.ts';

export interface OpenOptions {
  readonly access: KubeAccessOptions;
  readonly clock: Clock;
}

/** Returns a client of the API server, for all that is asked of it, or why its configuration cannot be used. */
export async function openKubeClient({
  access,
  clock,
}: OpenOptions): Promise<KubeClient | { readonly message: string }> {
  const loaded = await loadKubeAccess(access);
  return 'fault' in loaded ? loaded.fault : createKubeClient({ access: loaded.access, clock });
}
