/** HTTP: POST /mutate. Reads the review, has the pipeline answer it, and writes one log line about the decision. */
import type { Context } from 'koa';
import { tryParseDuration } from '../../contract/duration.ts';
import { clip, longestName, type RequestFault } from '../core/faults.ts';
import type { Answer, Pipeline } from '../pipeline.ts';
import type { Clock, Log, Metrics } from '../ports.ts';
import { bodyReader, type Reading } from './body.ts';
import type { Handler } from './router.ts';
import { encodeReply, sendEncoded, sendFault, sendRefusal } from './send.ts';

export interface MutateOptions extends Reading {
  readonly pipeline: Pipeline;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The API server waits so long for a webhook whose registration names no timeout, and never longer than the second. */
const patience = { defaultMs: 10_000, maxMs: 30_000 } as const;
/** The answer must arrive before the API server's patience ends: a fifth of it is kept back, at most half a second. */
const reserve = { share: 1 / 5, maxMs: 500 } as const;

/** Returns the handler of reviews. */
export function mutate({ pipeline, clock, log, metrics, maxRequestBytes, turn }: MutateOptions): Handler {
  const readBody = bodyReader({ maxRequestBytes, turn });
  const refuse = (ctx: Context, fault: RequestFault): void => {
    metrics.decided({ outcome: 'refused', reason: fault.code, method: 'none' });
    const uid = fault.uid && clip(fault.uid, longestName);
    log.warning('review refused', { code: fault.code, why: fault.text, uid, peer: ctx.ip });
    if (fault.status === 400) sendRefusal(ctx, fault);
    else sendFault(ctx, fault);
  };
  // a registration's timeout hardly ever changes
  let last = { url: '', ms: patienceMs('') };
  const patienceOf = (url = ''): number => {
    if (url !== last.url) last = { url, ms: patienceMs(url.slice(url.indexOf('?') + 1)) };
    return last.ms;
  };
  return async (ctx) => {
    const startMs = clock.monotonicMs();
    const body = await readBody(ctx);
    if ('code' in body) return refuse(ctx, body);
    const answer = await pipeline(body.value, startMs + patienceOf(ctx.req.url));
    if ('code' in answer) return refuse(ctx, answer);
    const text = encodeReply(answer.reply, answer.texts);
    turn.reply(() => sendEncoded(ctx, 200, text));
    decided(answer, clock.monotonicMs() - startMs);
  };

  function decided({ reply, reason, method, fields }: Answer, ms: number): void {
    const outcome = reply.patch.length > 0 ? 'mutated' : 'unchanged';
    metrics.decided({ outcome, reason, method });
    fields.reason = reason;
    fields.ms = Math.round(ms * 100) / 100;
    if (reason === 'POD_MALFORMED') log.warning('pod left alone: the API would not allow it', fields);
    else log.info(outcome === 'mutated' ? 'pod mutated' : 'pod left as it is', fields);
  }
}

/**
 * Returns how long the answer may take, in milliseconds: what the API server said in the query (`timeout=3s`), less the
 * reserve.
 */
export function patienceMs(querystring: string): number {
  const timeout = new URLSearchParams(querystring).get('timeout');
  const said = timeout === null ? undefined : tryParseDuration(timeout)?.toMilliseconds();
  const wholeMs = said !== undefined && said > 0 ? Math.min(said, patience.maxMs) : patience.defaultMs;
  return wholeMs - Math.min(wholeMs * reserve.share, reserve.maxMs);
}
