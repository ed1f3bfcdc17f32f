/** HTTP: writes replies and faults to the response. Decides nothing. */
import type { Context } from 'koa';
import type { RequestFault } from '../core/faults.ts';
import type { Operation } from '../core/patch.ts';
import { type Reply, refuse } from '../core/reply.ts';

/** What is answered: a text and its media type, UTF-8 unless it says otherwise. */
export interface Page {
  readonly status?: number;
  readonly type?: string;
  readonly text: string;
}

const json = 'application/json; charset=utf-8';
const plain = 'text/plain; charset=utf-8';

/** Answers with a text. */
export function send({ res }: Context, { status = 200, type = plain, text }: Page): void {
  const headers = {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'X-Content-Type-Options': 'nosniff',
  };
  res.writeHead(status, headers);
  res.end(text);
}

/** Answers with the AdmissionReview. */
export function sendReply(ctx: Context, status: number, reply: Reply): void {
  sendEncoded(ctx, status, encodeReply(reply));
}

/** Answers with an AdmissionReview that is encoded. */
export function sendEncoded({ res }: Context, status: number, text: string): void {
  res.writeHead(status, ['Content-Type', json, 'Content-Length', String(text.length)]);
  res.end(text, 'latin1');
}

/** Answers with an AdmissionReview that refuses. */
export function sendRefusal(ctx: Context, fault: RequestFault): void {
  sendReply(ctx, fault.status, refuse(fault));
}

/** Answers with the fault in plain text. */
export function sendFault(ctx: Context, { status, text }: Pick<RequestFault, 'status' | 'text'>): void {
  send(ctx, { status, text: `${text}\n` });
}

const noTexts: ReadonlyMap<unknown, string> = new Map();

/**
 * Returns the reply as the API server reads it, in ASCII.
 * @param texts the JSON of values of the patch, as far as it is known
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
export function encodeReply(reply: Reply, texts = noTexts): string {
  const { apiVersion, uid, isAllowed, patch, warnings, status } = reply;
  const warned = warnings.length > 0 ? `,"warnings":${ascii(warnings)}` : '';
  const said = status ? `,"status":${ascii(status)}` : '';
  const patched = patch.length > 0 ? `,"patchType":"JSONPatch","patch":"${base64(patch, texts)}"` : '';
  const response = `"uid":${quoted(uid)},"allowed":${isAllowed}${warned}${said}${patched}`;
  return `{"apiVersion":"${apiVersion}","kind":"AdmissionReview","response":{${response}}}`;
}

/** Containers get the same values: each is written once. Paths hold nothing to escape. */
function base64(patch: readonly Operation[], texts: ReadonlyMap<unknown, string>): string {
  const own = new Map<unknown, string>();
  let text = '';
  for (const { path, value } of patch) {
    let known = texts.get(value) ?? own.get(value);
    if (known === undefined) {
      known = JSON.stringify(value);
      own.set(value, known);
    }
    text += `,{"op":"add","path":"${path}","value":${known}}`;
  }
  return Buffer.from(`[${text.slice(1)}]`).toString('base64');
}

const beyondAscii = /[^ -~]/g;
const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const ascii = (value: unknown): string => JSON.stringify(value).replace(beyondAscii, escaped);
/** What uids are made of needs no escapes. */
const isPlain = /^[-0-9A-Za-z]*$/;
const quoted = (uid: string): string => (isPlain.test(uid) ? `"${uid}"` : ascii(uid));
