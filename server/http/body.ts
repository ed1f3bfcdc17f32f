/** HTTP: reads the JSON body of a request within its limits. What is in it is not its business. */
import type { Context, Middleware } from 'koa';
import { type RequestFault, requestFault } from '../core/faults.ts';
import type { BodySource, NoBody } from '../ports.ts';
import { type BodyBudget, createBodyBudget } from './body-budget.ts';
import { textWithoutManagedFields } from './managed-fields.ts';
import type { Turn } from './turn.ts';

/** Reads one body: the parsed value, or why there is none. */
export type BodyReader = (ctx: Context) => Promise<{ readonly value: unknown } | RequestFault>;

/** How bodies are read. */
export interface Reading {
  readonly maxRequestBytes: number;
  readonly turn: Turn;
}

const isJson = /^application\/json\s*(;|$)/i;
/** JSON is UTF-8 (RFC 8259 section 8.1), and is read as that. */
const isOtherCharset = /;\s*charset=(?!"?(utf-8|us-ascii)"?\s*(;|$))/i;

/** What bodies that are still coming may take together, in largest bodies: far less than the memory limit in charts/pod.ts. */
const bodiesAtOnce = 8;

/** What a body may take, and all of them together. */
interface Limits {
  readonly limitBytes: number;
  readonly budget: BodyBudget;
}

/** Returns the reader that refuses bodies over so many bytes. */
export function bodyReader({ maxRequestBytes: limitBytes, turn }: Reading): BodyReader {
  const limits = { limitBytes, budget: createBodyBudget(bodiesAtOnce * limitBytes) };
  // a budget of their own: each counts as a whole one before a byte of it has come
  const readEncoded = encodedBodyReader({ limitBytes, budget: createBodyBudget(bodiesAtOnce * limitBytes) });
  return async (ctx) => {
    const { headers } = ctx.req;
    const type = headers['content-type'] ?? '';
    // nearly all say just this
    const isFit = type === 'application/json' || (isJson.test(type) && !isOtherCharset.test(type));
    if (!isFit) return closing(ctx, requestFault('CONTENT_TYPE', type));
    const body = await (headers['content-encoding'] === undefined
      ? readPlain(ctx.req as Collected, limits, turn)
      : readEncoded(ctx));
    return 'code' in body ? closing(ctx, body) : body;
  };
}

/** The listener makes requests so. */
type Collected = Context['req'] & BodySource;

/** What the API server sends. Read here, since the way through koa-bodyparser's streams takes a quarter of a review's time. */
async function readPlain(req: Collected, limits: Limits, turn: Turn): Promise<{ value: unknown } | RequestFault> {
  const { limitBytes, budget } = limits;
  if (Number(req.headers['content-length'] ?? 0) > limitBytes) return requestFault('BODY_TOO_LARGE', limitBytes);
  const body = await collect(req, limits, turn);
  if (body === 'too-large') return requestFault('BODY_TOO_LARGE', limitBytes);
  if (body === 'given-up') return requestFault('BODY_GIVEN_UP', budget.limitBytes);
  if (body === 'incomplete') return requestFault('BODY_INCOMPLETE');
  try {
    return { value: JSON.parse(textWithoutManagedFields(body)) };
  } catch {
    // the error quotes the body, which may hold a pod
    return requestFault('NOT_JSON');
  }
}

function collect(req: Collected, { limitBytes, budget }: Limits, turn: Turn): Promise<Buffer | NoBody> {
  return new Promise((resolve) => {
    const share = budget.begin(() => req.giveUp());
    const took = (bytes: number) => share.take(bytes + chunkBytes);
    const settle = (body: Buffer | NoBody): void => {
      share.end();
      turn.decide(() => resolve(body), body.length);
    };
    req.collect({ limitBytes, took, settle });
  });
}

/** What a chunk takes beside its bytes, roughly: a stream in chunks of one byte is all of this. */
const chunkBytes = 200;

const nothingFollows = async (): Promise<void> => {};

/** Compressed bodies. koa-bodyparser and what it needs are loaded with the first of them. */
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
  // what zlib calls its errors, and what Brotli calls those of the data
  const isPackedWrongly = /^(Z_|ERR__ERROR_FORMAT_)/.test(code ?? '');
  const isUnreadable = name === 'SyntaxError' || status === 400 || isPackedWrongly;
  return isUnreadable ? requestFault('NOT_JSON') : undefined;
}

/** What is left of the body is not waited for. */
function closing(ctx: Context, fault: RequestFault): RequestFault {
  if (!ctx.req.complete) ctx.set('Connection', 'close');
  return fault;
}
