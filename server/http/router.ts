/** HTTP: finds the handler of a path and method. Parses no patterns; every path is a whole string. */
import type { Context } from 'koa';
import { type RequestFault, requestFault } from '../core/faults.ts';
import { sendFault } from './send.ts';

/** Answers one request: writes the whole response (send.ts). */
export type Handler = (ctx: Context) => void | Promise<void>;

/** The handlers by path and method. */
export type Routes = Readonly<Record<string, Readonly<Partial<Record<'GET' | 'POST', Handler>>>>>;

/** Returns the middleware that hands a request to its handler, or answers 404, or 405 with Allow. */
export function router(routes: Routes): Handler {
  const known = new Map(Object.entries(routes));
  const refuse = (ctx: Context, fault: RequestFault): void => {
    // nobody will read its body
    if (hasBody(ctx)) ctx.set('Connection', 'close');
    sendFault(ctx, fault);
  };
  return (ctx) => {
    const methods = known.get(pathOf(ctx));
    if (methods === undefined) return refuse(ctx, requestFault('NOT_FOUND', pathOf(ctx)));
    // HEAD is a GET whose body Node leaves out
    const handler = methods[ctx.method === 'HEAD' ? 'GET' : (ctx.method as 'GET' | 'POST')];
    if (handler !== undefined) return handler(ctx);
    const allowed = methods.GET ? ['GET', 'HEAD', ...(methods.POST ? ['POST'] : [])] : ['POST'];
    ctx.set('Allow', allowed.join(', '));
    return refuse(ctx, requestFault('METHOD_NOT_ALLOWED', ctx.method, allowed.join(' or ')));
  };
}

/** Returns the path of the request, or all of its target where that has none. Koa's own way takes 3 µs, and throws for `http://[`. */
export function pathOf({ req: { url = '' } }: Context): string {
  if (!url.startsWith('/')) return URL.parse(url)?.pathname ?? url;
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function hasBody({ req: { headers } }: Context): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
