/** HTTP, outermost: turns whatever was thrown into a reply, and counts and times every request. Never shows what was thrown to the caller. */
import type { Context, Middleware } from 'koa';
import { routes } from '../../contract/routes.ts';
import { requestFault } from '../core/faults.ts';
import type { Clock, Log, Metrics } from '../ports.ts';
import { pathOf } from './router.ts';
import { sendFault, sendRefusal } from './send.ts';

/** Returns the middleware around all others. */
export function faults({ clock, log, metrics }: { clock: Clock; log: Log; metrics: Metrics }): Middleware {
  return async (ctx, next) => {
    const startMs = clock.monotonicMs();
    try {
      await next();
    } catch (error) {
      answerInternal(ctx, error);
    }
    const ms = clock.monotonicMs() - startMs;
    metrics.requested(pathOf(ctx), ctx.res.statusCode, ms / 1000);
    if (log.isOn(4)) {
      log.verbose(4, 'request', { method: ctx.method, path: pathOf(ctx), status: ctx.status, ms, peer: ctx.ip });
    }
  };

  function answerInternal(ctx: Context, error: unknown): void {
    metrics.survived('INTERNAL');
    log.error('request failed', { path: pathOf(ctx), error: describeError(error) });
    const fault = requestFault('INTERNAL');
    if (pathOf(ctx) === routes.mutate) {
      metrics.decided({ outcome: 'failed', reason: fault.code, method: 'none' });
      sendRefusal(ctx, fault);
    } else sendFault(ctx, fault);
  }
}

/**
 * Returns where an error came from, without its message: V8 quotes the offending text in messages, and that may be a
 * pod's content.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.slice(0, 4).map((frame) => frame.trim())].join(' ');
}
