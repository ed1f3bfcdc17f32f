/** Wiring: which identity source and which certificate source the flags ask for. Starts none of them. */
import { existsSync } from 'node:fs';
import type { Config, FlagKey } from '../contract/flags.ts';
import { judgeKey } from './core/names.ts';
import { CredentialsFile } from './io/credentials-file.ts';
import { supplementSource } from './io/supplemented-source.ts';
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

/** Returns the source of identities, with the file of container credentials where one is given; or why there is none. */
export async function openIdentities(options: SourceOptions): Promise<IdentitySource | { readonly message: string }> {
  const accounts = await openAccounts(options);
  const path = options.config.watchContainerCredentialsConfig;
  if ('message' in accounts || path === '') return accounts;
  const log = options.log.for('io/credentials-file');
  const resyncMs = options.config.resyncPeriod.toMilliseconds();
  return supplementSource(accounts, new CredentialsFile({ ...options, log, path, resyncMs }));
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
