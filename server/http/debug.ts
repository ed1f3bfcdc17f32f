/** HTTP: /debug/alpha, only with --enable-debugging-handlers: shows and clears the cache, denies and fails on demand. */
import { requestFault } from '../core/faults.ts';
import { isObject } from '../core/json.ts';
import { refuse } from '../core/reply.ts';
import { echo } from '../core/review.ts';
import type { IdentitySource } from '../ports.ts';
import { bodyReader, type Reading } from './body.ts';
import type { Handler } from './router.ts';
import { send, sendFault, sendReply } from './send.ts';

/** Answers with what is cached, as JSON: service account to facts. */
export function showCache(identities: IdentitySource): Handler {
  return (ctx) => {
    const cached = Object.fromEntries(identities.snapshot());
    send(ctx, { type: 'application/json; charset=utf-8', text: JSON.stringify(cached) });
  };
}

/** Forgets what is cached; it is read again from its source. */
export function clearCache(identities: IdentitySource): Handler {
  return (ctx) => {
    identities.clear();
    send(ctx, { text: 'cache cleared\n' });
  };
}

/** Returns the handler that denies every review. */
export function deny(reading: Reading): Handler {
  const readBody = bodyReader(reading);
  return async (ctx) => {
    const body = await readBody(ctx);
    if ('code' in body) return sendFault(ctx, body);
    const denial = refuse({
      ...requestFault('INTERNAL'),
      status: 403,
      text: 'denied on demand by /debug/alpha/deny',
      ...(isObject(body.value) && echo(body.value)),
    });
    return sendReply(ctx, 200, denial);
  };
}

/** Answers 500. */
export const fail: Handler = (ctx) => sendFault(ctx, { status: 500, text: 'failed on demand by /debug/alpha/500' });
