/** Wiring: which identity source and which certificate source the flags ask for. Starts none of them. */
import { existsSync } from 'node:fs';
import type { Config, FlagKey } from '../contract/flags.ts';
import { judgeKey } from './core/names.ts';
import { CredentialsFile } from './io/credentials-file.ts';
import { readInstanceIdentity } from './io/instance-identity.ts';
import { RoleHomeSource } from './io/role-home.ts';
import { type IdentitySupplement, supplementSource } from './io/supplemented-source.ts';
import { FileCertificateSource } from './io/tls/file-source.ts';
import { SelfSignedSource } from './io/tls/self-signed-source.ts';
import type { CertificateSource, Clock, IdentitySource, Log, Metrics, Random } from './ports.ts';

/** What the sources are made with. */
export interface SourceOptions {
  readonly config: Config;
  readonly given: ReadonlySet<FlagKey>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Returns the source of identities with all that the flags add to it; or why there is none. */
export async function openIdentities(options: SourceOptions): Promise<IdentitySource | { readonly message: string }> {
  const accounts = await openAccounts(options);
  return 'message' in accounts ? accounts : supplements(options).reduce(supplementSource, accounts);
}

/** In this order: where a role is depends on what the account and the ConfigMap say. */
function supplements({ config, env, ...ports }: SourceOptions): readonly IdentitySupplement[] {
  const { composeRoleArn, watchContainerCredentialsConfig: path, annotationPrefix } = config;
  const { roleArnPartition: partition, roleArnAccountId: accountId, roleArnPath } = config;
  const all: IdentitySupplement[] = [];
  if (composeRoleArn) {
    const readInstance = (signal: AbortSignal) => readInstanceIdentity({ env, clock: ports.clock, signal });
    const home = { partition, accountId, path: roleArnPath };
    const roleAnnotation = `${annotationPrefix}/role-arn`;
    all.push(new RoleHomeSource({ ...ports, log: ports.log.for('io/role-home'), home, roleAnnotation, readInstance }));
  }
  if (path !== '') {
    const resyncMs = config.resyncPeriod.toMilliseconds();
    all.push(new CredentialsFile({ ...ports, log: ports.log.for('io/credentials-file'), path, resyncMs }));
  }
  return all;
}

/** Manifests where a path is given, else the API server. Each is loaded only when it is asked for. */
async function openAccounts(options: SourceOptions): Promise<IdentitySource | { readonly message: string }> {
  const { config, env } = options;
  const resyncMs = config.resyncPeriod.toMilliseconds();
  if (config.identitiesFrom !== '') {
    const { ManifestSource } = await import('./io/manifests.ts');
    return new ManifestSource({
      ...options,
      log: options.log.for('io/manifests'),
      path: config.identitiesFrom,
      resyncMs,
    });
  }
  const { openServiceAccounts } = await import('./io/kube/open.ts');
  const prefix = config.annotationPrefix;
  return openServiceAccounts({
    ...options,
    access: { ...config, env },
    isRelevant: (key) => judgeKey(key, prefix) !== undefined,
    roleAnnotation: `${prefix}/role-arn`,
    graceMs: config.serviceAccountLookupGracePeriod.toMilliseconds(),
    ...(config.watchConfigMap && { configMapNamespace: config.namespace }),
  });
}

/** Says whether the webhook runs outside a cluster: where it is told so, and where its identities come from manifests. */
export function isOutOfCluster({ inCluster, identitiesFrom }: Pick<Config, 'inCluster' | 'identitiesFrom'>): boolean {
  return !inCluster || identitiesFrom !== '';
}

/**
 * Returns the source of the certificate. Files count when their flags are given, when they are there already (as the Go
 * webhook's own manifests mount them), and in a cluster; else the certificate is self-signed.
 */
export function openCertificates({ config, given, ...ports }: SourceOptions): CertificateSource {
  const { tlsCert, tlsKey, certDir } = config;
  if (!isOutOfCluster(config) || given.has('tlsCert') || existsSync(tlsCert)) {
    return new FileCertificateSource({
      ...ports,
      log: ports.log.for('io/tls/file-source'),
      certPath: tlsCert,
      keyPath: tlsKey,
      resyncMs: config.resyncPeriod.toMilliseconds(),
    });
  }
  return new SelfSignedSource({
    ...ports,
    log: ports.log.for('io/tls/self-signed-source'),
    certDir,
    durationMs: config.certDuration.toMilliseconds(),
  });
}
