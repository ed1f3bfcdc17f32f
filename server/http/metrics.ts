/** HTTP: GET /metrics. */
import type { Exposition } from '../ports.ts';
import type { Handler } from './router.ts';

/** Returns the handler that shows what is counted. */
export function metricsPage(exposition: Exposition): Handler {
  return async (ctx) => {
    const text = await exposition.render();
    ctx.set('Content-Type', exposition.contentType);
    ctx.body = text;
  };
}
