/** Wiring: which identity source and which certificate source the flags ask for. Starts none of them. */
import { existsSync } from 'node:fs';
import { certificateMode } from '../contract/certificate-mode.ts';
import type { Config, FlagKey } from '../contract/flags.ts';
import { judgeKey } from './core/names.ts';
import { CredentialsFile } from './io/credentials-file.ts';
import { readInstanceIdentity } from './io/instance-identity.ts';
import type { KubeClient } from './io/kube/client.ts';
import { RoleHomeSource } from './io/role-home.ts';
import { type IdentitySupplement, supplementSource } from './io/supplemented-source.ts';
import { FileCertificateSource } from './io/tls/file-source.ts';
import { SelfSignedSource } from './io/tls/self-signed-source.ts';
import type { CertificateSource, Clock, IdentitySource, Log, Metrics, OnState, Random } from './ports.ts';

/** What the sources are made with. */
export interface SourceOptions {
  readonly config: Config;
  readonly given: ReadonlySet<FlagKey>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onState: OnState;
}

/** Who has which identity, and what is served. */
export interface Sources {
  readonly identities: IdentitySource;
  readonly certificates: CertificateSource;
}

/** Returns the sources, or why they cannot be had: identities from manifests where a path is given, else from the API server. */
export async function openSources(options: SourceOptions): Promise<Sources | { readonly message: string }> {
  const { config, env, clock } = options;
  if (config.identitiesFrom !== '') {
    const identities = supplement(await openManifests(options), options);
    return { identities, certificates: openLocalCertificates(options) };
  }
  // each adapter is loaded only when it is asked for
  const { openKubeClient, createIdentitySource } = await import('./io/kube/open.ts');
  const client = await openKubeClient({ access: { ...config, env }, clock });
  if ('message' in client) return client;
  const prefix = config.annotationPrefix;
  const accounts = createIdentitySource({
    ...options,
    client,
    isRelevant: (key) => judgeKey(key, prefix) !== undefined,
    roleAnnotation: `${prefix}/role-arn`,
    graceMs: config.serviceAccountLookupGracePeriod.toMilliseconds(),
    ...(config.watchConfigMap && { configMapNamespace: config.namespace }),
  });
  return { identities: supplement(accounts, options), certificates: await openCertificates(options, client) };
}

/** Joins to the accounts what the flags add to them. */
function supplement(accounts: IdentitySource, options: SourceOptions): IdentitySource {
  return supplements(options).reduce(supplementSource, accounts);
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

async function openManifests(options: SourceOptions): Promise<IdentitySource> {
  const { config, log } = options;
  const { ManifestSource } = await import('./io/manifests.ts');
  const resyncMs = config.resyncPeriod.toMilliseconds();
  return new ManifestSource({ ...options, log: log.for('io/manifests'), path: config.identitiesFrom, resyncMs });
}

/** Says whether the webhook runs outside a cluster: where it is told so, and where its identities come from manifests. */
export function isOutOfCluster({ inCluster, identitiesFrom }: Pick<Config, 'inCluster' | 'identitiesFrom'>): boolean {
  return !inCluster || identitiesFrom !== '';
}

/**
 * Returns the source of the certificate. Files count when their flags are given, and when they are there already (as the
 * Go webhook's own manifests mount them). Else, in a cluster, a signer or a CA of our own; outside, it is self-signed.
 */
async function openCertificates(options: SourceOptions, client: KubeClient): Promise<CertificateSource> {
  const { config, log } = options;
  if (isOutOfCluster(config) || hasFiles(options)) return openLocalCertificates(options);
  // `hasFiles` is asked first: a file counts although no flag names it
  if (certificateMode({ csrSigner: config.csrSigner }) === 'own-ca') {
    const { createOwnCaSource } = await import('./io/tls/own-ca-source.ts');
    return createOwnCaSource({ ...options, client, log: log.for('io/tls/own-ca-source') });
  }
  const { createCsrSource, clusterCaPath } = await import('./io/tls/csr-source.ts');
  return createCsrSource({ ...options, client, clusterCaPath, log: log.for('io/tls/csr-source') });
}

function hasFiles({ config, given }: SourceOptions): boolean {
  return given.has('tlsCert') || existsSync(config.tlsCert);
}

function openLocalCertificates(options: SourceOptions): CertificateSource {
  const { config, log } = options;
  const { tlsCert, tlsKey, certDir, resyncPeriod, certDuration } = config;
  if (hasFiles(options)) {
    return new FileCertificateSource({
      ...options,
      log: log.for('io/tls/file-source'),
      certPath: tlsCert,
      keyPath: tlsKey,
      resyncMs: resyncPeriod.toMilliseconds(),
    });
  }
  return new SelfSignedSource({
    ...options,
    log: log.for('io/tls/self-signed-source'),
    certDir,
    durationMs: certDuration.toMilliseconds(),
  });
}
