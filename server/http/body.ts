/** HTTP: reads the JSON body of a request within its limits. What is in it is not its business. */
import type { Context, Middleware } from 'koa';
import { type RequestFault, requestFault } from '../core/faults.ts';
import { type BodyBudget, createBodyBudget } from './body-budget.ts';
import { textWithoutManagedFields } from './managed-fields.ts';

/** Reads one body: the parsed value, or why there is none. */
export type BodyReader = (ctx: Context) => Promise<{ readonly value: unknown } | RequestFault>;

const isJson = /^application\/json\s*(;|$)/i;
/** JSON is UTF-8 (RFC 8259 section 8.1), and is read as that. */
const isOtherCharset = /;\s*charset=(?!"?(utf-8|us-ascii)"?\s*(;|$))/i;

/** What bodies that are still coming may take together, in largest bodies: 24 MiB by default, a third of what the process has. */
const bodiesAtOnce = 8;

/** What a body may take, and all of them together. */
interface Limits {
  readonly limitBytes: number;
  readonly budget: BodyBudget;
}

/** Returns the reader that refuses bodies over so many bytes. */
export function bodyReader(limitBytes: number): BodyReader {
  const limits = { limitBytes, budget: createBodyBudget(bodiesAtOnce * limitBytes) };
  const readEncoded = encodedBodyReader(limits);
  return async (ctx) => {
    const { headers } = ctx.req;
    const type = headers['content-type'] ?? '';
    if (!isJson.test(type) || isOtherCharset.test(type)) return closing(ctx, requestFault('CONTENT_TYPE', type));
    const body = await (headers['content-encoding'] === undefined ? readPlain(ctx.req, limits) : readEncoded(ctx));
    return 'code' in body ? closing(ctx, body) : body;
  };
}

/** What the API server sends. Read here, since the way through koa-bodyparser's streams takes a quarter of a review's time. */
async function readPlain(req: Context['req'], limits: Limits): Promise<{ value: unknown } | RequestFault> {
  const { limitBytes } = limits;
  if (Number(req.headers['content-length'] ?? 0) > limitBytes) return requestFault('BODY_TOO_LARGE', limitBytes);
  const body = await collect(req, limits);
  if ('code' in body) return body;
  try {
    return { value: JSON.parse(textWithoutManagedFields(body)) };
  } catch {
    // the error quotes the body, which may hold a pod
    return requestFault('NOT_JSON');
  }
}

function collect(req: Context['req'], { limitBytes, budget }: Limits): Promise<Buffer | RequestFault> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    const settle = (result: Buffer | RequestFault): void => {
      share.end();
      resolve(result);
    };
    const giveUp = (fault: RequestFault): void => {
      req.removeAllListeners('data').pause();
      chunks.length = 0;
      settle(fault);
    };
    const share = budget.begin(() => giveUp(requestFault('BODY_GIVEN_UP', budget.limitBytes)));
    req.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > limitBytes) giveUp(requestFault('BODY_TOO_LARGE', limitBytes));
      else share.take(chunk.length + chunkBytes);
    });
    req.on('end', () => settle(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes)));
    // `close` comes last in any case, and nobody who hears of no error is told of one
    req.on('close', () => settle(requestFault('BODY_INCOMPLETE')));
  });
}

/** What a chunk takes beside its bytes, roughly: a stream in chunks of one byte is all of this. */
const chunkBytes = 200;

const nothingFollows = async (): Promise<void> => {};

/** Compressed bodies. koa-bodyparser and its character tables, 8 MB, are loaded with the first of them. */
function encodedBodyReader({ limitBytes, budget }: Limits): BodyReader {
  let parse: Promise<Middleware> | undefined;
  return async (ctx) => {
    parse ??= loadParser(limitBytes);
    // how much of it has come is not to be seen from here: it counts as a whole one
    const share = budget.begin(() => ctx.req.destroy());
    share.take(limitBytes);
    try {
      await (await parse)(ctx, nothingFollows);
      return { value: ctx.request.body };
    } catch (error) {
      const fault = encodedBodyFault(error as BodyError, limitBytes);
      if (fault === undefined) throw error;
      return fault;
    } finally {
      share.end();
    }
  };
}

async function loadParser(limitBytes: number): Promise<Middleware> {
  const { default: bodyParser } = await import('koa-bodyparser');
  return bodyParser({
    enableTypes: ['json'],
    // the content type has been checked
    detectJSON: () => true,
    jsonLimit: `${limitBytes}b`,
    // a key __proto__ is an own field of what JSON.parse returns and goes through like any other
    onProtoPoisoning: 'ignore',
  } as Parameters<typeof bodyParser>[0]);
}

/** What raw-body and co-body throw. `body`, which they add, holds the pod: it is never looked at. */
interface BodyError {
  readonly name?: string;
  readonly status?: number;
  readonly type?: string;
  /** Of zlib. */
  readonly code?: string;
}

function encodedBodyFault({ name, status, type, code }: BodyError, limitBytes: number): RequestFault | undefined {
  if (status === 413) return requestFault('BODY_TOO_LARGE', limitBytes);
  if (status === 415) return requestFault('BODY_ENCODING');
  if (type === 'request.aborted' || type === 'request.size.invalid') return requestFault('BODY_INCOMPLETE');
  const isUnreadable = name === 'SyntaxError' || status === 400 || code?.startsWith('Z_');
  return isUnreadable ? requestFault('NOT_JSON') : undefined;
}

/** What is left of the body is not waited for. */
function closing(ctx: Context, fault: RequestFault): RequestFault {
  if (!ctx.req.complete) ctx.set('Connection', 'close');
  return fault;
}
