/** HTTP: GET /metrics. */
import type { Clock, Exposition } from '../ports.ts';
import type { Handler } from './router.ts';
import { send } from './send.ts';

/** To make a page takes some milliseconds, for which reviews wait. So it is made this often at most; nobody scrapes as often. */
const pauseMs = 100;

/** Returns the handler that shows what is counted. Who asks too soon after a page was made waits for the next one. */
export function metricsPage(exposition: Exposition, clock: Clock): Handler {
  let madeMs = Number.NEGATIVE_INFINITY;
  let next: Promise<string> | undefined;
  const makeNext = async (): Promise<string> => {
    const waitMs = madeMs + pauseMs - clock.monotonicMs();
    // those of one turn of the event loop get the same
    await new Promise<void>((due) => (waitMs > 0 ? clock.after(waitMs, due) : setImmediate(due)));
    next = undefined;
    madeMs = clock.monotonicMs();
    return exposition.render();
  };
  return async (ctx) => {
    next ??= makeNext();
    send(ctx, { type: exposition.contentType, text: await next });
  };
}
