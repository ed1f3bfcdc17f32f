/** The Koa applications: order of middleware, and routes. Never listens. */
import type { RequestListener } from 'node:http';
import Koa from 'koa';
import compose from 'koa-compose';
import type { Config } from '../contract/flags.ts';
import { routes } from '../contract/routes.ts';
import type { Reading } from './http/body.ts';
import { clearCache, deny, fail, showCache } from './http/debug.ts';
import { faults } from './http/faults.ts';
import { type Checks, live, ready } from './http/health.ts';
import { metricsPage } from './http/metrics.ts';
import { mutate } from './http/mutate.ts';
import { type Routes, router } from './http/router.ts';
import { Turn } from './http/turn.ts';
import type { Pipeline } from './pipeline.ts';
import type { Clock, Exposition, IdentitySource, Log, Metrics } from './ports.ts';

/** What the applications are made of. */
export interface AppParts {
  readonly pipeline: Pipeline;
  readonly identities: IdentitySource;
  readonly checks: Checks;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics & Exposition;
  readonly settings: Pick<Config, 'maxRequestBytes' | 'enableDebuggingHandlers'>;
}

/** Returns the webhook: reviews, health, metrics. */
export function createApp(parts: AppParts): RequestListener {
  const { settings, identities, checks, log } = parts;
  const { maxRequestBytes } = settings;
  const lost = lostReply(parts);
  const reading = { maxRequestBytes, turn: new Turn(lost) };
  return application(parts, lost, {
    [routes.mutate]: { POST: mutate({ ...parts, ...reading, log: log.for('http/mutate') }) },
    [routes.healthz]: { GET: ready(checks) },
    [routes.readyz]: { GET: ready(checks) },
    [routes.livez]: { GET: live },
    [routes.metrics]: { GET: metricsPage(parts.metrics, parts.clock) },
    ...(settings.enableDebuggingHandlers && debugRoutes(identities, reading)),
  });
}

/** Returns the application of the metrics port. */
export function createMetricsApp(parts: Pick<AppParts, 'clock' | 'log' | 'metrics'>): RequestListener {
  return application(parts, lostReply(parts), { [routes.metrics]: { GET: metricsPage(parts.metrics, parts.clock) } });
}

function debugRoutes(identities: IdentitySource, reading: Reading): Routes {
  return {
    [routes.debugCache]: { GET: showCache(identities) },
    [routes.debugCacheClear]: { GET: clearCache(identities), POST: clearCache(identities) },
    [routes.debugDeny]: { POST: deny(reading) },
    [routes.debugFail]: { GET: fail, POST: fail },
  };
}

type Outside = Pick<AppParts, 'clock' | 'log' | 'metrics'>;

/** What goes wrong while a reply is written: the peer is gone. */
function lostReply({ log, metrics }: Outside): (error: Error & { code?: string }) => void {
  return (error) => {
    metrics.survived('RESPONSE');
    log.for('app').verbose(2, 'reply not written', { error: error.code ?? error.name });
  };
}

/**
 * Koa's callback() without on-finished and respond: handlers write their replies themselves, and two emitters with four
 * listeners for each request cost 7 µs.
 */
function application({ clock, log, metrics }: Outside, lost: (error: Error) => void, table: Routes): RequestListener {
  const app = new Koa();
  app.use(faults({ clock, metrics, log: log.for('http/faults') }));
  app.use(router(table));
  const run = compose(app.middleware);
  return (req, res) => {
    res.on('error', lost);
    run(app.createContext(req, res)).catch(lost);
  };
}
