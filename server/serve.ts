/** Wiring: makes the ports that the flags ask for, listens, and drains. Touches no `process`. */
import type { Config } from '../contract/flags.ts';
import { type AppParts, createApp, createMetricsApp } from './app.ts';
import type { SurvivedFaultCode } from './core/survived-faults.ts';
import { type Listener, listen } from './io/listener.ts';
import type { ProcessUsage } from './io/metrics/process.ts';
import { createMetrics } from './io/metrics.ts';
import { systemRandom } from './io/system.ts';
import { type TlsOffer, tlsOffer } from './io/tls/offer.ts';
import { makeSelfSigned } from './io/tls/self-signed.ts';
import { writeWebhookConfig } from './io/webhook-config.ts';
import { createPipeline } from './pipeline.ts';
import type { CertificateSource, ServingCertificate } from './ports.ts';
import { isOutOfCluster, openSources, type SourceOptions } from './sources.ts';

/** What the process gives. */
export interface ServeOptions extends Omit<SourceOptions, 'metrics' | 'random'> {
  readonly version: string;
  readonly usage: ProcessUsage;
}

/** A webhook that serves. */
export interface Webhook {
  /** Becomes unready at once, goes on for the delay, then ends what is in flight and resolves. */
  drain(delayMs: number): Promise<void>;
  /** Counts a fault that was survived, by its code. */
  survived(code: SurvivedFaultCode): void;
}

/** Why the webhook cannot start: one line for the user. */
export interface StartFault {
  readonly message: string;
}

/** Starts the webhook, or says why it cannot start. */
export async function serve(options: ServeOptions): Promise<Webhook | StartFault> {
  const { config, clock, log } = options;
  const metrics = createMetrics(options);
  const ports = { ...options, metrics, random: systemRandom };
  const offer = tlsOffer(config);
  if ('code' in offer) return offer;
  const sources = await openSources(ports);
  if ('message' in sources) return sources;
  const { identities, certificates } = sources;
  let ending: string | undefined;
  const checks = { identities: identities.readiness, certificate: certificates.readiness, shutdown: () => ending };
  metrics.ready(Object.values(checks));
  const parts = {
    pipeline: createPipeline(config, { identities, random: systemRandom }),
    identities,
    checks,
    clock,
    log,
    metrics,
    settings: config,
  };
  identities.start();
  const listeners = await openPorts(parts, config, { certificates, offer });
  if ('message' in listeners) return listeners;
  log.for('serve').info('serving', { port: config.port, metricsPort: config.metricsPort, version: options.version });
  return {
    survived: metrics.survived,
    drain: async (delayMs) => {
      ending = 'shutting down';
      const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
      await wait(delayMs / 2);
      // by now new connections go to other pods, and those that are in use end here, each with an answer
      for (const listener of listeners) listener.shed();
      await wait(delayMs / 2);
      const timeoutMs = config.shutdownTimeout.toMilliseconds();
      await Promise.all(listeners.map((listener) => listener.drain(clock, timeoutMs)));
      // not sooner: a review in flight may wait for its service account
      identities.stop();
      certificates.stop();
    },
  };
}

interface Tls {
  readonly certificates: CertificateSource;
  readonly offer: TlsOffer;
}

/** Opens the port of reviews, with whatever certificate there is by then, and the port of metrics. */
async function openPorts(parts: AppParts, config: Config, tls: Tls): Promise<readonly Listener[] | StartFault> {
  try {
    const reviews = await openReviews(parts, config, tls);
    if (config.metricsPort === 0) return [reviews];
    const handler = createMetricsApp(parts);
    return [reviews, await listen({ port: config.metricsPort, handler, ...room(parts, config) })];
  } catch (error) {
    return { message: startProblem(error as NodeJS.ErrnoException, config) };
  }
}

async function openReviews(parts: AppParts, config: Config, { certificates, offer }: Tls): Promise<Listener> {
  const { port, webhookConfig } = config;
  let listener: Listener | undefined;
  const use = (certificate: ServingCertificate): void => {
    // before the port is open there is nothing to tell: another webhook may have it, and its file must stay
    if (listener === undefined) return;
    if (isOutOfCluster(config)) writeWebhookConfig({ path: webhookConfig, port }, certificate);
    parts.metrics.certificate(certificate.notAfterMs);
    listener.secure({ ...offer, ...certificate });
  };
  await certificates.start(use);
  const first = certificates.current() ?? (await placeholder(parts));
  listener = await listen({ port, handler: createApp(parts), tls: { ...offer, ...first }, ...room(parts, config) });
  const newest = certificates.current();
  if (newest) use(newest);
  return listener;
}

function room({ metrics }: AppParts, { maxConnections }: Config) {
  return { maxConnections, onCrowded: () => metrics.survived('connection-cut') };
}

const placeholderMs = 24 * 3_600_000;

/** So that probes, which look at no certificate, get an answer that says what is missing. */
async function placeholder({ clock, log }: AppParts): Promise<ServingCertificate> {
  log
    .for('serve')
    .warning('no certificate to serve yet: answering probes with one that nobody trusts; /readyz says why');
  return makeSelfSigned({ nowMs: clock.nowMs(), durationMs: placeholderMs });
}

function startProblem({ code, port, message }: NodeJS.ErrnoException & { port?: number }, config: Config): string {
  const flag = port === config.metricsPort ? '--metrics-port' : '--port';
  if (code === 'EADDRINUSE') return `${flag} ${port} is in use: end what listens there, or give another port`;
  if (code === 'EACCES' && port !== undefined) {
    return `${flag} ${port} may not be opened: ports below 1024 need a privilege; give another port`;
  }
  return message;
}
