/** Test support of io/tls: replicas of the webhook around an API server in memory, with time in the hands of the test. */
import { X509Certificate } from 'node:crypto';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { milliseconds } from '../../../../contract/duration.ts';
import { type Config, type FlagProps, fallbacks } from '../../../../contract/flags.ts';
import { type Authority, readBundle, tryFindIssuer } from '../../../../server/io/tls/authorities.ts';
import type { ClusterSourceOptions } from '../../../../server/io/tls/cluster-source.ts';
import { createOwnCaSource } from '../../../../server/io/tls/own-ca-source.ts';
import type { CertificateSource, ServingCertificate } from '../../../../server/ports.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { FakeObjects } from '../../../support/fake-objects.ts';
import { RecordingLog } from '../../../support/recording-log.ts';
import { RecordingMetrics } from '../../../support/recording-metrics.ts';

export const secretPath = '/api/v1/namespaces/eks/secrets/iam-for-pods';
export const registrationPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/iam-for-pods';

/** The lifetimes of the cluster suite: rotations within minutes. */
export const short: FlagProps = { caDuration: milliseconds(180_000), leafDuration: milliseconds(60_000) };

const service = { name: 'iam-for-pods', namespace: 'eks', path: '/mutate' };

/** Returns a registration with one entry of ours and one of somebody else. */
export function registration(caBundle?: string) {
  const other = { service: { name: 'other', namespace: 'eks' }, caBundle: 'b3RoZXI=' };
  return {
    webhooks: [
      { name: 'other.example.com', clientConfig: other },
      { name: 'iam-for-pods.amazonaws.com', clientConfig: { service, ...(caBundle !== undefined && { caBundle }) } },
    ],
  };
}

/** One replica of the webhook. */
export interface Replica {
  readonly source: CertificateSource;
  readonly served: ServingCertificate[];
  readonly log: RecordingLog;
  readonly metrics: RecordingMetrics;
}

/** A cluster and its replicas. */
export class ClusterRig {
  readonly api = new FakeObjects();
  readonly clock = new FakeClock(Date.UTC(2026, 0, 1));
  readonly replicas: Replica[] = [];
  /** Moments at which a replica took up a leaf that the registration did not trust. */
  readonly distrusted: string[] = [];
  readonly #context: TestContext;
  readonly #config: Config;

  constructor(context: TestContext, props: FlagProps = {}) {
    this.#context = context;
    this.#config = { ...fallbacks, ...props } as Config;
  }

  /** Starts a replica; resolves once its first attempt is over. */
  async start(make: (options: ClusterSourceOptions) => CertificateSource = createOwnCaSource): Promise<Replica> {
    const [log, metrics, served] = [new RecordingLog(), new RecordingMetrics(), [] as ServingCertificate[]];
    const ports = {
      client: this.api.client(),
      clock: this.clock,
      random: () => this.replicas.length / 10,
      log,
      metrics,
    };
    const source = make({ ...ports, config: this.#config });
    this.#context.after(() => source.stop());
    const replica = { source, served, log, metrics };
    this.replicas.push(replica);
    await source.start((pair) => {
      served.push(pair);
      if (!this.isTrusted(pair)) this.distrusted.push(`${pair.cert} at ${new Date(this.clock.nowMs()).toISOString()}`);
    });
    return replica;
  }

  /** The CAs that the API server trusts when it calls us. */
  get trusted(): readonly Authority[] {
    const { webhooks } = this.api.get(registrationPath) as unknown as ReturnType<typeof registration>;
    const config = webhooks[1]?.clientConfig as { caBundle?: string };
    return readBundle(Buffer.from(config.caBundle ?? '', 'base64').toString()).authorities;
  }

  /** Says whether an API server accepts this pair: its CA is published, and neither has ended. */
  isTrusted(pair: ServingCertificate | undefined): boolean {
    const nowMs = this.clock.nowMs();
    if (pair === undefined || nowMs >= pair.notAfterMs) return false;
    const valid = this.trusted.filter(({ endMs }) => nowMs < endMs);
    return tryFindIssuer(new X509Certificate(pair.cert), valid) !== undefined;
  }

  /** Text of a key of the Secret. */
  secretText(key: string): string {
    const { data } = this.api.get(secretPath) as unknown as { data: Record<string, string> };
    return Buffer.from(data[key] ?? '', 'base64').toString();
  }

  /** Lets time pass in steps; keys are made in real time, so it waits for all work that a step began. */
  async pass(ms: number, check: () => void = () => {}): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
      await this.clock.advance(Math.min(stepMs, leftMs));
      await this.quiet();
      check();
    }
  }

  /** Resolves once no replica has work under way. */
  async quiet(): Promise<void> {
    for (let calm = 0, seen = -1; calm < 10; calm++) {
      await setImmediate();
      const work = this.api.writes.length + this.replicas.reduce((sum, { log }) => sum + log.lines.length, 0);
      if (work !== seen || this.#isMaking) calm = 0;
      seen = work;
    }
  }

  /** A replica says that it writes, then makes keys, then writes. */
  get #isMaking(): boolean {
    const begun = this.replicas.flatMap(({ log }) => log.lines).filter(({ message }) => message.startsWith('writing '));
    const done = this.api.writes.filter(({ method }) => method !== 'PATCH');
    return begun.length > done.length;
  }
}

const stepMs = 1000;
