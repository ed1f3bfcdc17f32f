/** IO, Kubernetes: puts the adapter together. The one file that the wiring loads, and only when there is an API server to follow. */
import type { IdentitySource } from '../../ports.ts';
import { type KubeAccessOptions, loadKubeAccess } from './access.ts';
import { createKubeClient } from './client.ts';
import { createServiceAccountSource, type ServiceAccountSourceOptions } from './service-accounts.ts';

export interface OpenOptions extends Omit<ServiceAccountSourceOptions, 'client'> {
  readonly access: KubeAccessOptions;
}

/** Returns the source that follows the service accounts of the API server, or why its configuration cannot be used. */
export async function openServiceAccounts(
  options: OpenOptions,
): Promise<IdentitySource | { readonly message: string }> {
  const loaded = await loadKubeAccess(options.access);
  if ('fault' in loaded) return loaded.fault;
  const client = createKubeClient({ access: loaded.access, clock: options.clock });
  return createServiceAccountSource({ ...options, client });
}
