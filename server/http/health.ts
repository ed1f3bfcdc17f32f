/** HTTP: says whether the process is alive, and whether it is ready and why not. */
import type { Readiness } from '../ports.ts';
import type { Handler } from './router.ts';
import { send } from './send.ts';

/** What must be well for the webhook to be ready, by name. */
export type Checks = Readonly<Record<string, Readiness>>;

/** Answers 200 as long as the process can answer. */
export const live: Handler = (ctx) => send(ctx, { text: 'ok' });

/** Returns the handler that answers 200 `ok`, or 503 with the reasons; with `?verbose` it lists every check, as the API server does. */
export function ready(checks: Checks): Handler {
  return (ctx) => {
    const results = Object.entries(checks).map(([name, reason]) => ({ name, problem: reason() }));
    const failed = results.filter(({ problem }) => problem !== undefined);
    const status = failed.length === 0 ? 200 : 503;
    if ('verbose' in ctx.query) {
      const lines = results.map(({ name, problem }) => (problem ? `[-]${name} failed: ${problem}` : `[+]${name} ok`));
      return send(ctx, { status, text: [...lines, status === 200 ? 'ready' : 'not ready'].join('\n') });
    }
    const reasons = failed.map(({ name, problem }) => `${name}: ${problem}`).join('\n');
    return send(ctx, { status, text: reasons || 'ok' });
  };
}
