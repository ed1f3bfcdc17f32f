/** IO: the serving certificate that Secret and registration agree on, for one replica. Issues none: an issuer does. */
import type { Config } from '../../../contract/flags.ts';
import type { CertificateSource, Clock, Log, Metrics, Random, ServingCertificate } from '../../ports.ts';
import type { KubeClient } from '../kube/client.ts';
import { messageOf } from '../system-error.ts';
import type { Leaf, SecretData } from './kept.ts';
import { RegistrationKeeper } from './registration-keeper.ts';
import { SecretKeeper } from './secret-keeper.ts';
import { serviceNames } from './service-names.ts';

/** What the source is made with. */
export interface ClusterSourceOptions {
  readonly client: KubeClient;
  readonly config: Pick<
    Config,
    | 'tlsSecret'
    | 'namespace'
    | 'serviceName'
    | 'mutatingWebhookConfiguration'
    | 'caDuration'
    | 'leafDuration'
    | 'csrSigner'
  >;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What an issuer works with. */
export interface IssuerPorts extends ClusterSourceOptions {
  readonly secret: SecretKeeper;
  readonly registration: RegistrationKeeper;
  readonly dnsNames: ReturnType<typeof serviceNames>;
  /** From 0 to 1, this replica's own. */
  readonly spread: number;
  /** Asks for a look: something has changed. */
  readonly onChange: () => void;
}

/** What an issuer makes of what is there. */
export interface Verdict {
  /** Undefined: nothing can be served yet. */
  readonly serve: Leaf | undefined;
  /** When time alone changes it, in milliseconds since 1970. */
  readonly turns: readonly number[];
}

/** Brings certificates into the Secret and CAs into the registration. */
export interface Issuer {
  /** Says what to serve, and begins what must be changed. Is called after every change, and when a turn is due. */
  look(data: SecretData | null, serving: Leaf | undefined): Verdict;
  /** Says what it waits for, when that may take long. */
  problem(): string | undefined;
  stop(): void;
}

/** Which issuer, and what people read about its Secret. */
export interface IssuerChoice {
  readonly about: string;
  readonly issuer: (ports: IssuerPorts) => Issuer;
}

/** How long the start waits for a certificate before it goes on without one. */
const firstWaitMs = 3_000;

/** The clock may be set, so it is looked at once an hour at least. */
const lookMs = { min: 500, max: 3_600_000 } as const;

/** Serves what the issuer says. For one `start`. */
export class ClusterSource implements CertificateSource {
  readonly #options: ClusterSourceOptions;
  readonly #secret: SecretKeeper;
  readonly #registration: RegistrationKeeper;
  readonly #issuer: Issuer;
  readonly #first = Promise.withResolvers<void>();
  #use: (certificate: ServingCertificate) => void = () => {};
  #serving: Leaf | undefined;
  #endTimer = () => {};
  #endFirst = () => {};

  constructor(options: ClusterSourceOptions, { about, issuer }: IssuerChoice) {
    this.#options = options;
    const { config, random } = options;
    const { tlsSecret, namespace, mutatingWebhookConfiguration } = config;
    const ports = { ...options, onChange: () => this.#look() };
    this.#secret = new SecretKeeper({ ...ports, about, name: tlsSecret, namespace });
    this.#registration = new RegistrationKeeper({ ...ports, name: mutatingWebhookConfiguration, service: config });
    const keepers = { secret: this.#secret, registration: this.#registration };
    this.#issuer = issuer({ ...ports, ...keepers, dnsNames: serviceNames(config), spread: random() });
  }

  current(): ServingCertificate | undefined {
    return this.#serving?.pair;
  }

  readonly readiness = (): string | undefined => {
    const serving = this.#serving;
    if (serving === undefined) return this.#problem() ?? this.#followFault() ?? 'waiting for the API server';
    if (this.#options.clock.nowMs() >= serving.endMs) {
      const reason = this.#problem() ?? this.#followFault() ?? 'a new one is being made';
      return `the certificate expired at ${new Date(serving.endMs).toISOString()}: ${reason}`;
    }
    if (this.#registration.liveForMs(serving.issuer) !== undefined) return undefined;
    return `the caBundle lacks the CA of the certificate: ${this.#registration.problem() ?? 'it is being set'}`;
  };

  /** Resolves with the first certificate, or once it is clear that it takes longer. */
  start(use: (certificate: ServingCertificate) => void): Promise<void> {
    this.#use = use;
    this.#endFirst = this.#options.clock.after(firstWaitMs, this.#first.resolve);
    this.#secret.start();
    this.#registration.start();
    return this.#first.promise;
  }

  stop(): void {
    this.#secret.stop();
    this.#registration.stop();
    this.#issuer.stop();
    this.#endTimer();
    this.#endFirst();
    this.#first.resolve();
  }

  #problem(): string | undefined {
    return this.#secret.problem() ?? this.#registration.problem() ?? this.#issuer.problem();
  }

  #followFault(): string | undefined {
    const fault = this.#secret.followFault() ?? this.#registration.followFault();
    return fault === undefined ? undefined : `the API server cannot be followed: ${fault}`;
  }

  #look(): void {
    const { state } = this.#secret;
    if (state !== undefined && state !== 'foreign') this.#act(state);
    // the start need not wait for what people must do first
    if (this.#serving || this.#problem()) this.#first.resolve();
  }

  #act(data: SecretData | null): void {
    const { serve, turns } = this.#issuer.look(data, this.#serving);
    if (serve && serve !== this.#serving) this.#serve(serve);
    const nextMs = Math.min(...turns) - this.#options.clock.nowMs();
    this.#endTimer();
    this.#endTimer = this.#options.clock.after(Math.min(Math.max(nextMs, lookMs.min), lookMs.max), () => this.#look());
  }

  #serve(leaf: Leaf): void {
    const { log, config, metrics } = this.#options;
    try {
      this.#use(leaf.pair);
    } catch (error) {
      metrics.survived('certificate-not-used');
      log.error('keeping the last good certificate', { code: 'certificate-not-used', reason: messageOf(error) });
      return;
    }
    this.#serving = leaf;
    const until = new Date(leaf.endMs).toISOString();
    log.info('serving the certificate in the Secret', { secret: `${config.namespace}/${config.tlsSecret}`, until });
  }
}
