/** IO, Kubernetes: puts the adapter together. The one file that the wiring loads, and only when there is an API server to follow. */
import type { Clock, IdentitySource } from '../../ports.ts';
import { supplementSource } from '../supplemented-source.ts';
import { type KubeAccessOptions, loadKubeAccess } from './access.ts';
import { createKubeClient, type KubeClient } from './client.ts';
import { createConfigMapSource } from './config-map.ts';
import { createServiceAccountSource, type ServiceAccountSourceOptions } from './service-accounts.ts';

export interface ClientOptions {
  readonly access: KubeAccessOptions;
  readonly clock: Clock;
}

/** Returns a client of the API server, for all that is asked of it, or why its configuration cannot be used. */
export async function openKubeClient({
  access,
  clock,
}: ClientOptions): Promise<KubeClient | { readonly message: string }> {
  const loaded = await loadKubeAccess(access);
  return 'fault' in loaded ? loaded.fault : createKubeClient({ access: loaded.access, clock });
}

export interface IdentityOptions extends ServiceAccountSourceOptions {
  /** The namespace whose ConfigMap of identities is followed too; undefined: none is. */
  readonly configMapNamespace?: string;
}

/** Returns the source that follows the API server's service accounts, and the ConfigMap where it is asked for. */
export function createIdentitySource(options: IdentityOptions): IdentitySource {
  const accounts = createServiceAccountSource(options);
  const namespace = options.configMapNamespace;
  if (namespace === undefined) return accounts;
  return supplementSource(accounts, createConfigMapSource({ ...options, namespace }));
}
