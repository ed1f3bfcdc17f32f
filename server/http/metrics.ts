/** HTTP: GET /metrics. */
import type { Exposition } from '../ports.ts';
import type { Handler } from './router.ts';
import { send } from './send.ts';

/** Returns the handler that shows what is counted. */
export function metricsPage(exposition: Exposition): Handler {
  return async (ctx) => {
    send(ctx, { type: exposition.contentType, text: await exposition.render() });
  };
}
