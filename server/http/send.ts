/** HTTP: writes replies and faults to the response. Decides nothing. */
import type { Context } from 'koa';
import type { RequestFault } from '../core/faults.ts';
import type { Operation } from '../core/patch.ts';
import { type Reply, refuse } from '../core/reply.ts';

/** Answers with the AdmissionReview: straight to the response, since Koa's own way looks at every kind of body first. */
export function sendReply(ctx: Context, status: number, reply: Reply): void {
  const text = encodeReply(reply);
  ctx.respond = false;
  ctx.res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': text.length });
  ctx.res.end(text, 'latin1');
}

/** Answers with an AdmissionReview that refuses. */
export function sendRefusal(ctx: Context, fault: RequestFault): void {
  sendReply(ctx, fault.status, refuse(fault));
}

/** Answers with the fault in plain text. */
export function sendText(ctx: Context, { status, text }: Pick<RequestFault, 'status' | 'text'>): void {
  ctx.status = status;
  ctx.type = 'text/plain; charset=utf-8';
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.body = `${text}\n`;
}

/**
 * Returns the reply as the API server reads it, in ASCII.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
export function encodeReply({ apiVersion, uid, isAllowed, patch, warnings, status }: Reply): string {
  const text = JSON.stringify({
    apiVersion,
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: isAllowed,
      ...(warnings.length > 0 && { warnings }),
      ...(status && { status }),
      ...(patch.length > 0 && { patchType: 'JSONPatch', patch: base64(patch) }),
    },
  });
  return isAscii.test(text) ? text : text.replace(beyondAscii, escaped);
}

const base64 = (patch: readonly Operation[]): string => Buffer.from(JSON.stringify(patch)).toString('base64');

const isAscii = /^[ -~]*$/;
const beyondAscii = /[^ -~]/g;
const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
