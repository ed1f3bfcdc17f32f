/** IO, Kubernetes: follows the ConfigMap of identities and adds its entries to what is known of accounts. Core decides what they are worth. */
import { access, identityConfigMap } from '../../../contract/access.ts';
import {
  decodeConfigMapIdentities,
  indexConfigMapEntries,
  isPartialFault,
  matchConfigMapIdentity,
} from '../../core/config-map.ts';
import { isObject } from '../../core/json.ts';
import type { IdentityFacts, ServiceAccountRef } from '../../core/types.ts';
import type { Clock, Log, Metrics, Random, Readiness } from '../../ports.ts';
import { createFaultReport } from '../fault-report.ts';
import { FirstState } from '../first-state.ts';
import type { IdentitySupplement } from '../supplemented-source.ts';
import type { KubeClient } from './client.ts';
import type { ObjectHandler } from './feed.ts';
import { createReflector, type Reflector } from './reflector.ts';
import type { KubeObject } from './watch-event.ts';

export interface ConfigMapSourceOptions {
  readonly client: KubeClient;
  /** `--namespace`. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

const nobody = indexConfigMapEntries([]);

/** A broken edit changes nothing and is reported; the ConfigMap's deletion deletes its identities. */
class ConfigMapSource implements IdentitySupplement, ObjectHandler {
  readonly #options: ConfigMapSourceOptions;
  readonly #log: Log;
  readonly #report: ReturnType<typeof createFaultReport>;
  readonly #reflector: Reflector;
  readonly #first: FirstState;
  #wasKnown = false;
  #index = nobody;
  /** What the ConfigMap says now, good or not; undefined: there is none. */
  #config: string | undefined;
  /** Whether the list that is being read has it. */
  #isListed = false;

  constructor(options: ConfigMapSourceOptions) {
    this.#options = options;
    this.#log = options.log.for('io/kube/config-map');
    this.#first = new FirstState(options.clock);
    const message = 'a part of the ConfigMap of identities is not used';
    this.#report = createFaultReport({ ...options, log: this.#log, message });
    this.#reflector = createReflector({
      ...options,
      path: `/api/v1/namespaces/${encodeURIComponent(options.namespace)}/configmaps`,
      query: { fieldSelector: `metadata.name=${identityConfigMap}` },
      access: access.configMap,
      objectName: identityConfigMap,
      handler: this,
    });
  }

  readonly readiness: Readiness = () => {
    if (this.#wasKnown) return undefined;
    const fault = this.#reflector.lastFault();
    const name = `${this.#options.namespace}/${identityConfigMap}`;
    return `ConfigMap ${name}: not read yet${fault === undefined ? '' : `, last error: ${fault}`}`;
  };

  add(facts: IdentityFacts, ref: ServiceAccountRef, deadlineMs: number): IdentityFacts | Promise<IdentityFacts> {
    return this.#first.isKnown ? this.#addKnown(facts, ref) : this.#wait(facts, ref, deadlineMs);
  }

  *accounts(): Iterable<ServiceAccountRef> {
    yield* this.#index.exact.values();
  }

  start(): void {
    this.#reflector.start();
  }

  stop(): void {
    this.#reflector.stop();
    this.#first.release();
  }

  clear(): void {
    this.#index = nobody;
    this.#config = undefined;
    this.#first.forget();
    this.#reflector.restart();
  }

  begin(): void {
    this.#isListed = false;
  }

  put({ data }: KubeObject): void {
    this.#isListed = true;
    const config = isObject(data) && typeof data.config === 'string' ? data.config : '';
    if (config === this.#config) return;
    this.#config = config;
    const { entries, faults } = decodeConfigMapIdentities(config);
    this.#report(faults);
    if (!faults.every(isPartialFault)) return;
    this.#index = indexConfigMapEntries(entries);
    this.#log.info('took in the ConfigMap of identities', { entries: entries.length, faults: faults.length });
  }

  delete(): void {
    if (this.#config !== undefined) this.#log.info('the ConfigMap of identities is gone, and its identities with it');
    this.#config = undefined;
    this.#index = nobody;
    this.#report([]);
  }

  commit(): void {
    if (!this.#isListed) this.delete();
    this.#wasKnown = true;
    this.#first.reach();
  }

  get size(): number {
    return this.#config === undefined ? 0 : 1;
  }

  #addKnown(facts: IdentityFacts, ref: ServiceAccountRef): IdentityFacts {
    const configMap = matchConfigMapIdentity(this.#index, ref);
    return configMap === undefined ? facts : { ...facts, configMap };
  }

  /** Only before the first state: a pod that comes so early may have its identity here. */
  async #wait(facts: IdentityFacts, ref: ServiceAccountRef, deadlineMs: number): Promise<IdentityFacts> {
    await this.#first.wait(deadlineMs);
    return this.#first.isKnown ? this.#addKnown(facts, ref) : { ...facts, outcome: 'timed-out' };
  }
}

/** Returns what the ConfigMap adds to a source; has not begun to follow. */
export function createConfigMapSource(options: ConfigMapSourceOptions): IdentitySupplement {
  return new ConfigMapSource(options);
}
