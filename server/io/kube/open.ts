/** IO, Kubernetes: puts the adapter together. The one file that the wiring loads, and only when there is an API server to follow. */
import type { IdentitySource } from '../../ports.ts';
import { supplementSource } from '../supplemented-source.ts';
import { type KubeAccessOptions, loadKubeAccess } from './access.ts';
import { createKubeClient } from './client.ts';
import { createConfigMapSource } from './config-map.ts';
import { createServiceAccountSource, type ServiceAccountSourceOptions } from './service-accounts.ts';

export interface OpenOptions extends Omit<ServiceAccountSourceOptions, 'client'> {
  readonly access: KubeAccessOptions;
  /** The namespace whose ConfigMap of identities is followed too; undefined: none is. */
  readonly configMapNamespace?: string;
}

/** Returns the source that follows the API server's service accounts, and the ConfigMap where it is asked for, or why its configuration cannot be used. */
export async function openServiceAccounts(
  options: OpenOptions,
): Promise<IdentitySource | { readonly message: string }> {
  const loaded = await loadKubeAccess(options.access);
  if ('fault' in loaded) return loaded.fault;
  const client = createKubeClient({ access: loaded.access, clock: options.clock });
  const accounts = createServiceAccountSource({ ...options, client });
  const namespace = options.configMapNamespace;
  if (namespace === undefined) return accounts;
  return supplementSource(accounts, createConfigMapSource({ ...options, client, namespace }));
}
