/** HTTP: GET /metrics. */
import type { Exposition } from '../ports.ts';
import type { Handler } from './router.ts';
import { send } from './send.ts';

/** Returns the handler that shows what is counted. */
export function metricsPage(exposition: Exposition): Handler {
  let page: Promise<string> | undefined;
  // all who ask in one turn of the event loop get the same: it takes milliseconds, and reviews wait meanwhile
  const render = (): Promise<string> => {
    setImmediate(() => {
      page = undefined;
    });
    return exposition.render();
  };
  return async (ctx) => {
    page ??= render();
    send(ctx, { type: exposition.contentType, text: await page });
  };
}
