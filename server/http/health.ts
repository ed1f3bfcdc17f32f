/** HTTP: says whether the process is alive, and whether it is ready and why not. */
import type { Context } from 'koa';
import type { Readiness } from '../ports.ts';
import type { Handler } from './router.ts';

/** What must be well for the webhook to be ready, by name. */
export type Checks = Readonly<Record<string, Readiness>>;

/** Answers 200 as long as the process can answer. */
export const live: Handler = (ctx) => sendPlain(ctx, 200, 'ok');

/** Returns the handler that answers 200 `ok`, or 503 with the reasons; with `?verbose` it lists every check, as the API server does. */
export function ready(checks: Checks): Handler {
  return (ctx) => {
    const results = Object.entries(checks).map(([name, reason]) => ({ name, problem: reason() }));
    const failed = results.filter(({ problem }) => problem !== undefined);
    const status = failed.length === 0 ? 200 : 503;
    if ('verbose' in ctx.query) {
      const lines = results.map(({ name, problem }) => (problem ? `[-]${name} failed: ${problem}` : `[+]${name} ok`));
      return sendPlain(ctx, status, [...lines, status === 200 ? 'ready' : 'not ready'].join('\n'));
    }
    return sendPlain(
      ctx,
      status,
      status === 200 ? 'ok' : failed.map(({ name, problem }) => `${name}: ${problem}`).join('\n'),
    );
  };
}

function sendPlain(ctx: Context, status: number, text: string): void {
  ctx.status = status;
  ctx.type = 'text/plain; charset=utf-8';
  ctx.body = text;
}
