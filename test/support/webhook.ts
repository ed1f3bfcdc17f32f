/** Test support: the whole application on a loopback port without TLS, with fake ports around it. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { createApp } from '../../server/app.ts';
import type { Checks } from '../../server/http/health.ts';
import { IncomingRequest } from '../../server/io/incoming-request.ts';
import { createPipeline, type Pipeline } from '../../server/pipeline.ts';
import type { IdentitySource } from '../../server/ports.ts';
import { FakeClock } from './fake-clock.ts';
import { RecordingLog } from './recording-log.ts';
import { RecordingMetrics } from './recording-metrics.ts';
import { settings } from './reviews.ts';

/** A service account with this role is what the fake source knows, whatever it is asked. */
export const role = 'arn:aws:iam::111122223333:role/s3-reader';

class FakeExposition extends RecordingMetrics {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';
  async render(): Promise<string> {
    return 'up 1\n';
  }
}

/** Returns a source that knows one role for everybody. */
export function fakeIdentities(lookup?: IdentitySource['lookup']): IdentitySource & { cleared: number } {
  const facts = { outcome: 'cached', annotations: { 'eks.amazonaws.com/role-arn': role } } as const;
  return {
    lookup: lookup ?? (() => facts),
    readiness: () => undefined,
    start() {},
    stop() {},
    snapshot: () => new Map([['shop/reader', facts]]),
    cleared: 0,
    clear() {
      this.cleared++;
    },
  };
}

export interface WebhookOptions {
  readonly lookup?: IdentitySource['lookup'];
  readonly pipeline?: Pipeline;
  readonly checks?: Checks;
  readonly maxRequestBytes?: number;
  readonly enableDebuggingHandlers?: boolean;
}

/** Starts the application for the length of one test. */
export async function startWebhook(t: TestContext, options: WebhookOptions = {}) {
  const [log, metrics, clock, identities] = [
    new RecordingLog(),
    new FakeExposition(),
    new FakeClock(),
    fakeIdentities(options.lookup),
  ];
  const { maxRequestBytes = settings.maxRequestBytes, enableDebuggingHandlers = false, checks = {} } = options;
  const pipeline = options.pipeline ?? createPipeline(settings, { identities, random: () => 0 });
  const listener = createApp({
    pipeline,
    identities,
    checks,
    clock,
    log,
    metrics,
    settings: { maxRequestBytes, enableDebuggingHandlers },
  });
  const server = http.createServer({ IncomingMessage: IncomingRequest }, listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    log,
    metrics,
    clock,
    identities,
    post: (body: string | Uint8Array<ArrayBuffer>, { path = '/mutate', type = 'application/json' } = {}) =>
      fetch(`${url}${path}`, { method: 'POST', body, headers: { 'content-type': type } }),
  };
}
