/**
 * IO: identities from manifests in a file or folder, followed for changes. Asks no API server. Import it late: its parser
 * costs 55 ms and 10 MB, which only a server that reads manifests should pay.
 */
import { indexConfigMapEntries, isPartialFault, matchConfigMapIdentity } from '../core/config-map.ts';
import type { IdentityFacts, ServiceAccountRef } from '../core/types.ts';
import type { Clock, IdentitySource, Log, Metrics, OnState } from '../ports.ts';
import { createFaultReport, type FollowedFault } from './fault-report.ts';
import { type FileRead, type FilesRead, followFiles } from './followed-file.ts';
import { decodeManifests, type ManifestAccount, type ManifestFile } from './manifest-text.ts';

/** What the source of identities needs. */
export interface ManifestSourceOptions {
  /** `--identities-from`. */
  readonly path: string;
  /** How often everything is read again although nothing seems to have changed, in milliseconds. */
  readonly resyncMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onState: OnState;
}

const endings = ['.yaml', '.yml', '.json'];

interface FileState {
  readonly read: FileRead;
  readonly faults: readonly FollowedFault[];
  /** What the file held when it was last without a fault, but for parts of the ConfigMap that do not hinder the rest. */
  readonly good?: ManifestFile;
  readonly used: ManifestFile;
}

type Index = ReturnType<typeof indexConfigMapEntries>;

/** A broken edit is reported and changes nothing: the file's last good content goes on counting. */
export class ManifestSource implements IdentitySource {
  readonly #options: ManifestSourceOptions;
  readonly #tell: ReturnType<typeof createFaultReport>;
  #files: ReadonlyMap<string, FileState> = new Map();
  #accounts: ReadonlyMap<string, ManifestAccount> = new Map();
  #configMap: Index = indexConfigMapEntries([]);
  #faults: readonly FollowedFault[] = [];
  #isReady = false;
  #endFollow = () => {};

  constructor(options: ManifestSourceOptions) {
    this.#options = options;
    this.#tell = createFaultReport({ ...options, message: 'a manifest is not used' });
  }

  /** What is wrong with the manifests now. */
  get faults(): readonly FollowedFault[] {
    return this.#faults;
  }

  readonly readiness = (): string | undefined => {
    if (this.#isReady) return undefined;
    return this.#faults[0]?.message ?? `--identities-from ${this.#options.path} has not been read yet`;
  };

  lookup({ namespace, name }: ServiceAccountRef): IdentityFacts {
    const account = this.#accounts.get(`${namespace}/${name}`);
    const configMap = matchConfigMapIdentity(this.#configMap, { namespace, name });
    const outcome = account || configMap ? 'cached' : 'missing';
    return { outcome, annotations: account?.annotations ?? {}, ...(configMap && { configMap }) };
  }

  start(): void {
    const { path, resyncMs, clock } = this.#options;
    this.#endFollow = followFiles({ paths: [path], endings, resyncMs, clock }, (files) => this.#takeIn(files));
  }

  stop(): void {
    this.#endFollow();
  }

  snapshot(): ReadonlyMap<string, IdentityFacts> {
    const keys = new Set([...this.#accounts.keys(), ...this.#configMap.exact.keys()]);
    return new Map(Array.from(keys, (key) => [key, this.lookup(refOf(key))]));
  }

  clear(): void {
    this.stop();
    this.#files = new Map();
    this.start();
  }

  /** A folder that vanished says nothing about its files, so they stay; a file that vanished from it is gone. */
  #takeIn(files: FilesRead): void {
    const root = files.get(this.#options.path);
    const isLost = root !== undefined && 'failure' in root;
    const now = Array.from(files, ([path, read]) => [path, this.#decode(path, read)] as const);
    this.#files = new Map(isLost ? [...this.#files, ...now] : now);
    this.#merge();
    if (isLost || this.#isReady) return;
    this.#isReady = true;
    this.#options.onState();
  }

  #decode(path: string, read: FileRead): FileState {
    const before = this.#files.get(path);
    if (before?.read === read) return before;
    const decoded = 'failure' in read ? this.#unreadable(path, read.failure) : decodeManifests(path, read.text);
    const good = decoded.faults.every(isPartialFault) ? decoded : before?.good;
    return { read, faults: decoded.faults, used: good ?? decoded, ...(good && { good }) };
  }

  #unreadable(path: string, failure: string): ManifestFile {
    const isRoot = path === this.#options.path;
    const wayOut = isRoot
      ? 'put a manifest or a folder of manifests there, readable for this user, or name another path'
      : 'make it readable for this user, or remove it';
    const message = `${isRoot ? '--identities-from ' : ''}${path} cannot be read: ${failure}; ${wayOut}`;
    return { accounts: [], configMaps: [], faults: [{ code: 'manifest-unreadable', message }], ignored: [] };
  }

  #merge(): void {
    const files = [...this.#files.values()];
    const accounts = firstOfEach(
      files.flatMap(({ used }) => used.accounts),
      ({ key }) => `ServiceAccount ${key}`,
    );
    // a cluster has one in the webhook's namespace; without a cluster the webhook has no namespace
    const configMaps = firstOfEach(
      files.flatMap(({ used }) => used.configMaps),
      () => 'the ConfigMap of identities',
    );
    this.#accounts = new Map(accounts.kept.map((account) => [account.key, account]));
    this.#configMap = indexConfigMapEntries(configMaps.kept.flatMap(({ entries }) => entries));
    this.#report([...files.flatMap(({ faults }) => faults), ...accounts.faults, ...configMaps.faults]);
  }

  #report(faults: readonly FollowedFault[]): void {
    const { log, path } = this.#options;
    this.#faults = faults;
    this.#tell(faults);
    for (const { used } of this.#files.values()) {
      for (const manifest of used.ignored) log.verbose(4, 'ignored a manifest of another kind', { manifest });
    }
    const size = { serviceAccounts: this.#accounts.size, files: this.#files.size, faults: faults.length };
    log.info('took in the manifests', { path, ...size });
  }
}

function refOf(key: string): ServiceAccountRef {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}

/** Keeps the first of those that have the same name, and reports the others. */
function firstOfEach<T extends { readonly where: string }>(all: readonly T[], nameOf: (one: T) => string) {
  const first = new Map<string, T>();
  const faults: FollowedFault[] = [];
  for (const one of all) {
    const name = nameOf(one);
    const other = first.get(name);
    if (other === undefined) first.set(name, one);
    else
      faults.push({
        code: 'manifest-duplicate',
        message: `${one.where}: ${name} is also at ${other.where}, which counts; remove one`,
      });
  }
  return { kept: [...first.values()], faults };
}
