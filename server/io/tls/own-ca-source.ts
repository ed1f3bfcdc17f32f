/** IO: the serving certificate from a CA of the webhook's own, agreed on by all replicas. Decides nothing: rotation.ts does. */
import type { Config } from '../../../contract/flags.ts';
import type { CertificateSource, Clock, Log, Metrics, Random, ServingCertificate } from '../../ports.ts';
import type { KubeClient } from '../kube/client.ts';
import { messageOf } from '../system-error.ts';
import { readBundle } from './authorities.ts';
import { type Kept, keptData, type Leaf, type SecretData, tryReadKept } from './kept.ts';
import { type MadePair, makeAuthority, makeLeaf } from './own-ca.ts';
import { RegistrationKeeper } from './registration-keeper.ts';
import { type Decision, decide, type Situation, type Writing } from './rotation.ts';
import { SecretKeeper } from './secret-keeper.ts';
import { serviceNames } from './service-names.ts';

/** What the source is made with. */
export interface ClusterSourceOptions {
  readonly client: KubeClient;
  readonly config: Pick<
    Config,
    'tlsSecret' | 'namespace' | 'serviceName' | 'mutatingWebhookConfiguration' | 'caDuration' | 'leafDuration'
  >;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** How long the start waits for a certificate before it goes on without one. */
const firstWaitMs = 3_000;

/** The clock may be set, so it is looked at once an hour at least. */
const lookMs = { min: 500, max: 3_600_000 } as const;

const about =
  'tls.crt and tls.key are served; ca.crt has the CAs to trust, newest first; ca.key is the key of the first. Kept by the webhook itself: when it is deleted, it is made again.';

/** Serves the leaf in the Secret, and takes part in keeping Secret and registration as they must be. For one `start`. */
export class OwnCaSource implements CertificateSource {
  readonly #options: ClusterSourceOptions;
  readonly #names: ReturnType<typeof serviceNames>;
  readonly #secret: SecretKeeper;
  readonly #registration: RegistrationKeeper;
  readonly #spread: number;
  readonly #first = Promise.withResolvers<void>();
  #use: (certificate: ServingCertificate) => void = () => {};
  #read: { readonly data: SecretData; readonly kept: Kept | undefined } | undefined;
  #remembered: Kept | undefined;
  #serving: Leaf | undefined;
  #endTimer = () => {};
  #endFirst = () => {};

  constructor(options: ClusterSourceOptions) {
    this.#options = options;
    const { config, random } = options;
    const onChange = () => this.#look();
    this.#names = serviceNames(config);
    this.#spread = random();
    this.#secret = new SecretKeeper({
      ...options,
      onChange,
      about,
      name: config.tlsSecret,
      namespace: config.namespace,
    });
    const name = config.mutatingWebhookConfiguration;
    this.#registration = new RegistrationKeeper({ ...options, onChange, name, service: config });
  }

  current(): ServingCertificate | undefined {
    return this.#serving?.pair;
  }

  readonly readiness = (): string | undefined => {
    const { clock } = this.#options;
    const serving = this.#serving;
    if (serving === undefined) return this.#problem() ?? this.#followFault() ?? 'waiting for the API server';
    const until = new Date(serving.endMs).toISOString();
    if (clock.nowMs() >= serving.endMs)
      return `the certificate expired at ${until}: ${this.#problem() ?? this.#followFault() ?? 'a new one is being made'}`;
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
    this.#endTimer();
    this.#endFirst();
    this.#first.resolve();
  }

  #problem(): string | undefined {
    return this.#secret.problem() ?? this.#registration.problem();
  }

  #followFault(): string | undefined {
    const fault = this.#secret.followFault() ?? this.#registration.followFault();
    return fault === undefined ? undefined : `the API server cannot be followed: ${fault}`;
  }

  #look(): void {
    const { state } = this.#secret;
    if (state !== undefined && state !== 'foreign') this.#act(this.#situation(state));
    // the start need not wait for what people must do first
    if (this.#serving || this.#problem()) this.#first.resolve();
  }

  #act(situation: Situation): void {
    const { serve, publish, write, turns } = decide(situation);
    this.#serve(serve);
    this.#registration.publish(publish);
    if (write) this.#secret.write(() => this.#make(write));
    this.#wait(turns, situation.nowMs);
  }

  #situation(data: SecretData | null): Situation {
    const { clock, config } = this.#options;
    const kept = data ? this.#keptIn(data) : undefined;
    return {
      kept,
      remembered: this.#remembered,
      live: this.#registration.live,
      liveForMs: this.#registration.liveForMs,
      serving: this.#serving,
      nowMs: clock.nowMs(),
      spread: this.#spread,
      leafMs: config.leafDuration.toMilliseconds(),
    };
  }

  /** Reading costs a millisecond of cryptography, so it is done once for each change. */
  #keptIn(data: SecretData): Kept | undefined {
    if (this.#read?.data !== data) {
      const kept = tryReadKept(data, this.#names[0]);
      this.#read = { data, kept };
      if (kept?.leaf) this.#remembered = kept;
      else this.#reportTorn(kept);
    }
    return this.#read.kept;
  }

  #reportTorn(kept: Kept | undefined): void {
    const { log, metrics, config } = this.#options;
    const code = 'certificate-secret-torn';
    const reason = kept?.fault?.message ?? 'ca.crt has no certificate';
    metrics.survived(code);
    log.error('the Secret holds no certificate that can be served; mending it', {
      code,
      secret: config.tlsSecret,
      reason,
    });
  }

  #serve(leaf: Leaf | undefined): void {
    if (leaf === undefined || leaf === this.#serving) return;
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

  async #make({ base, authorities, isAuthorityNew, isLeafNew }: Writing): Promise<SecretData> {
    const { clock, config, log } = this.#options;
    const nowMs = clock.nowMs();
    const secret = `${config.namespace}/${config.tlsSecret}`;
    log.info('writing certificates into the Secret', { secret, isAuthorityNew, isLeafNew });
    const authority: MadePair = isAuthorityNew
      ? await makeAuthority({ nowMs, durationMs: config.caDuration.toMilliseconds() })
      : { cert: base?.authorities[0].pem ?? '', key: base?.authorityKey ?? '' };
    const pair = isLeafNew
      ? await makeLeaf({ nowMs, durationMs: config.leafDuration.toMilliseconds(), dnsNames: this.#names, authority })
      : base?.leaf?.pair;
    const added = isAuthorityNew ? readBundle(authority.cert).authorities : [];
    return keptData({ authorities: [...added, ...authorities], authorityKey: authority.key, pair });
  }

  #wait(turns: Decision['turns'], nowMs: number): void {
    const nextMs = Math.min(...turns) - nowMs;
    this.#endTimer();
    this.#endTimer = this.#options.clock.after(Math.min(Math.max(nextMs, lookMs.min), lookMs.max), () => this.#look());
  }
}
