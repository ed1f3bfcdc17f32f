/** IO: follows the MutatingWebhookConfiguration, and sets the caBundle of our entries. Decides on no CA. */
import { access } from '../../../contract/access.ts';
import type { Clock, Log, Metrics, Random } from '../../ports.ts';
import { Attempts } from '../kube/attempts.ts';
import type { KubeClient } from '../kube/client.ts';
import { writeObject } from '../kube/conditional-write.ts';
import { type FollowedObject, followObject } from '../kube/followed-object.ts';
import type { Authority, Bundle } from './authorities.ts';
import { bundlePatch, type Entry, ourEntries } from './registration.ts';
import type { ServiceRef } from './service-names.ts';

/** What keepers of objects need. */
export interface KeeperOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Is called when there may be something to do. */
  readonly onChange: () => void;
}

export interface RegistrationOptions extends KeeperOptions {
  /** Of the MutatingWebhookConfiguration. */
  readonly name: string;
  readonly service: ServiceRef;
}

const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** The registration as last seen. What was seen stays when it is deleted: then nobody calls, and it may come back. */
export class RegistrationKeeper {
  readonly #options: RegistrationOptions;
  readonly #followed: FollowedObject;
  readonly #attempts: Attempts;
  readonly #stop = new AbortController();
  #entries: readonly Entry[] = [];
  #since: ReadonlyMap<string, number> = new Map();

  constructor(options: RegistrationOptions) {
    this.#options = options;
    const { name, onChange } = options;
    const rule = access.registration;
    this.#followed = followObject({ ...options, path, name, access: rule, onChange: () => this.#take() });
    this.#attempts = new Attempts({ ...options, again: onChange, failed: (reason) => this.#report(reason) });
  }

  start(): void {
    this.#followed.start();
  }

  stop(): void {
    this.#stop.abort();
    this.#followed.stop();
    this.#attempts.stop();
  }

  /** The caBundle of each of our entries. */
  get live(): readonly Bundle[] {
    return this.#entries.map(({ bundle }) => bundle);
  }

  /** Returns for how long the CA has been in all our entries, in milliseconds; undefined: it is not. */
  readonly liveForMs = (authority: string): number | undefined => {
    const sinceMs = this.#since.get(authority);
    return sinceMs === undefined ? undefined : this.#options.clock.monotonicMs() - sinceMs;
  };

  /** Says why no CA can be live, as far as that is known. */
  problem(): string | undefined {
    const { name, service } = this.#options;
    const current = this.#followed.current();
    const ref = `Service ${service.namespace}/${service.serviceName}`;
    if (current === null)
      return `there is no MutatingWebhookConfiguration "${name}" yet; apply it, or correct --mutating-webhook-configuration`;
    if (current && this.#entries.length === 0) {
      return `MutatingWebhookConfiguration "${name}" has no entry for ${ref}; correct its clientConfig.service, or --service-name and --namespace (entries with another url need --tls-cert)`;
    }
    return this.#attempts.fault;
  }

  /** How following it failed last. */
  followFault(): string | undefined {
    return this.#followed.lastFault();
  }

  /** Gives our entries these CAs, in the order of `live`; undefined: left as it is. */
  publish(bundles: readonly (readonly Authority[] | undefined)[]): void {
    const registration = this.#followed.current();
    const changes = new Map<number, readonly Authority[]>();
    for (const [at, bundle] of bundles.entries()) {
      const entry = this.#entries[at];
      if (bundle && entry) changes.set(entry.index, bundle);
    }
    if (!registration || changes.size === 0) return;
    const { client, name } = this.#options;
    this.#attempts.try(async () => {
      const outcome = await writeObject(client, {
        method: 'PATCH',
        path: `${path}/${name}`,
        body: bundlePatch(registration, changes),
        access: access.registration,
        objectName: name,
        signal: this.#stop.signal,
      });
      if (outcome.kind === 'written') this.#published(outcome.object, changes);
      return outcome;
    });
  }

  #published(object: Parameters<FollowedObject['note']>[0], changes: ReadonlyMap<number, readonly Authority[]>): void {
    const { log, name } = this.#options;
    const authorities = Math.max(...[...changes.values()].map((bundle) => bundle.length));
    log.info('told the API server which CAs to trust', { registration: name, entries: changes.size, authorities });
    this.#followed.note(object);
  }

  #take(): void {
    const registration = this.#followed.current();
    if (registration) {
      this.#entries = ourEntries(registration, this.#options.service);
      this.#noteLive();
    }
    this.#attempts.heard();
    this.#options.onChange();
  }

  #noteLive(): void {
    const { clock, log, metrics, name } = this.#options;
    const [first, ...others] = this.#entries.map(({ bundle }) => new Set(bundle.authorities.map(({ pem }) => pem)));
    const live = [...(first ?? [])].filter((pem) => others.every((bundle) => bundle.has(pem)));
    const before = this.#since;
    this.#since = new Map(live.map((pem) => [pem, before.get(pem) ?? clock.monotonicMs()]));
    if (before.size === 0 || this.#since.size > 0) return;
    metrics.survived('ca-bundle-wiped');
    log.warning('somebody has wiped the caBundle; setting it again', { code: 'ca-bundle-wiped', registration: name });
  }

  #report(reason: string): void {
    const { log, metrics, name } = this.#options;
    metrics.survived('ca-bundle-not-set');
    log.error('the caBundle could not be set; trying again', { code: 'ca-bundle-not-set', registration: name, reason });
  }
}
