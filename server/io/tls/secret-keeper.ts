/** IO: follows the Secret that keeps the certificate, and writes it while it is ours. Decides on no content. */
import { access, ownSecretLabel } from '../../../contract/access.ts';
import { isObject } from '../../core/json.ts';
import { Attempts } from '../kube/attempts.ts';
import { writeObject } from '../kube/conditional-write.ts';
import { type FollowedObject, followObject } from '../kube/followed-object.ts';
import type { KubeObject } from '../kube/watch-event.ts';
import type { SecretData } from './kept.ts';
import type { KeeperOptions } from './registration-keeper.ts';

export interface SecretOptions extends KeeperOptions {
  readonly namespace: string;
  /** `--tls-secret`. */
  readonly name: string;
  /** Tells people what the Secret holds; an annotation. */
  readonly about: string;
}

/** Undefined until it is known; null: there is no Secret. */
export type SecretState = SecretData | 'foreign' | null | undefined;

const aboutKey = 'pod-identity-webhook/about';

/** The Secret as last seen. */
export class SecretKeeper {
  readonly #options: SecretOptions;
  readonly #followed: FollowedObject;
  readonly #attempts: Attempts;
  readonly #stop = new AbortController();

  constructor(options: SecretOptions) {
    this.#options = options;
    const { name, onChange } = options;
    this.#followed = followObject({
      ...options,
      path: this.#path,
      name,
      access: access.secret,
      onChange: () => this.#take(),
    });
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

  get state(): SecretState {
    const secret = this.#followed.current();
    if (!secret) return secret;
    return isOurs(secret) ? dataOf(secret) : 'foreign';
  }

  /** Says why it cannot be used, as far as that is known. */
  problem(): string | undefined {
    const { namespace, name } = this.#options;
    if (this.state === 'foreign') {
      const label = Object.entries(ownSecretLabel)[0]?.join('=');
      return `Secret ${namespace}/${name} is somebody else's (it has no label ${label}) and is left alone: delete it, and first what makes it again, as a Certificate of cert-manager; or name another with --tls-secret, or mount it and pass --tls-cert and --tls-key`;
    }
    return this.#attempts.fault;
  }

  /** How following it failed last. */
  followFault(): string | undefined {
    return this.#followed.lastFault();
  }

  /** Writes what `make` resolves to, if nobody has changed the Secret since it was last seen. @param what for the log */
  write(what: string, make: () => Promise<SecretData>): void {
    const before = this.#followed.current();
    if (before === undefined || this.state === 'foreign') return;
    this.#attempts.try(async () => {
      const { client, log, namespace, name } = this.#options;
      log.info(`writing ${what} into the Secret`, { secret: `${namespace}/${name}` });
      const outcome = await writeObject(client, {
        ...(before ? { method: 'PUT', path: `${this.#path}/${name}` } : { method: 'POST', path: this.#path }),
        body: this.#object(before, await make()),
        access: before ? access.secret : access.secretCreation,
        objectName: name,
        signal: this.#stop.signal,
      });
      if (outcome.kind === 'written') this.#followed.note(outcome.object);
      return outcome;
    });
  }

  get #path(): string {
    return `/api/v1/namespaces/${this.#options.namespace}/secrets`;
  }

  #object(before: KubeObject | null, data: SecretData): object {
    const { namespace, name, about } = this.#options;
    if (before) return { ...before, apiVersion: 'v1', kind: 'Secret', data };
    const metadata = { namespace, name, labels: ownSecretLabel, annotations: { [aboutKey]: about } };
    return { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, data };
  }

  #take(): void {
    const problem = this.state === 'foreign' ? this.problem() : undefined;
    if (problem) {
      this.#options.metrics.survived('certificate-secret-foreign');
      this.#options.log.error('the Secret is not used', { code: 'certificate-secret-foreign', reason: problem });
    }
    this.#attempts.heard();
    this.#options.onChange();
  }

  #report(reason: string): void {
    const { log, metrics, namespace, name } = this.#options;
    const code = 'certificate-secret-not-written';
    metrics.survived(code);
    log.error('the certificate could not be kept; trying again', { code, secret: `${namespace}/${name}`, reason });
  }
}

function isOurs({ metadata }: KubeObject): boolean {
  const { labels } = metadata as { labels?: unknown };
  return isObject(labels) && Object.entries(ownSecretLabel).every(([key, value]) => labels[key] === value);
}

const noData: SecretData = {};

function dataOf({ data }: KubeObject): SecretData {
  return isObject(data) ? (data as SecretData) : noData;
}
