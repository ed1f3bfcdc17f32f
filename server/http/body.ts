/** HTTP: reads the JSON body of a request within its limits. What is in it is not its business. */
import type { Context } from 'koa';
import bodyParser from 'koa-bodyparser';
import { type RequestFault, requestFault } from '../core/faults.ts';

/** Reads one body: the parsed value, or why there is none. */
export type BodyReader = (ctx: Context) => Promise<{ readonly value: unknown } | RequestFault>;

const isJson = /^application\/json\s*(;|$)/i;
const nothingFollows = async (): Promise<void> => {};

/** Returns the reader that refuses bodies over so many bytes. */
export function bodyReader(limitBytes: number): BodyReader {
  const parse = bodyParser({
    enableTypes: ['json'],
    // the content type is checked below, once
    detectJSON: () => true,
    jsonLimit: `${limitBytes}b`,
    // a key __proto__ is an own field of what JSON.parse returns and goes through like any other
    onProtoPoisoning: 'ignore',
  } as Parameters<typeof bodyParser>[0]);
  return async (ctx) => {
    const type = ctx.req.headers['content-type'] ?? '';
    if (!isJson.test(type)) return closing(ctx, requestFault('CONTENT_TYPE', type));
    try {
      await parse(ctx, nothingFollows);
      return { value: ctx.request.body };
    } catch (error) {
      const fault = bodyFault(error as BodyError, limitBytes);
      if (fault === undefined) throw error;
      return closing(ctx, fault);
    }
  };
}

/** What raw-body and co-body throw. `body`, which they add, holds the pod: it is never looked at. */
interface BodyError {
  readonly name?: string;
  readonly status?: number;
  readonly type?: string;
}

function bodyFault({ name, status, type }: BodyError, limitBytes: number): RequestFault | undefined {
  if (status === 413) return requestFault('BODY_TOO_LARGE', limitBytes);
  if (status === 415) return requestFault('BODY_ENCODING');
  if (type === 'request.aborted' || type === 'request.size.invalid') return requestFault('BODY_INCOMPLETE');
  return name === 'SyntaxError' || status === 400 ? requestFault('NOT_JSON') : undefined;
}

/** What is left of the body is not waited for. */
function closing(ctx: Context, fault: RequestFault): RequestFault {
  if (!ctx.req.complete) ctx.set('Connection', 'close');
  return fault;
}
