/** HTTP: writes replies and faults to the response. Decides nothing. */
import type { Context } from 'koa';
import type { RequestFault } from '../core/faults.ts';
import { type Reply, refuse } from '../core/reply.ts';

/** Answers with the AdmissionReview. */
export function sendReply(ctx: Context, status: number, reply: Reply): void {
  ctx.status = status;
  ctx.type = 'json';
  ctx.body = encodeReply(reply);
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
 * Returns the reply as the API server reads it.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
export function encodeReply({ apiVersion, uid, isAllowed, patch, warnings, status }: Reply): string {
  return JSON.stringify({
    apiVersion,
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: isAllowed,
      ...(patch.length > 0 && { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
      ...(warnings.length > 0 && { warnings }),
      ...(status && { status }),
    },
  });
}
