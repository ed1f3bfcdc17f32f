/** Fuzz: says whether an answer is one that a mutated review may get. Knows JSON and the API's rules, and no code of the server. */
import jsonPatch from 'fast-json-patch';
import type { Mutation } from '../mutations.ts';
import { limitBytes } from './giants.ts';
import { type Json, secret } from './originals.ts';
import type { Answer } from './sender.ts';
import { isHolder } from './spots.ts';

/** Kinds that leave the review as it was: it must be admitted. */
const harmless = ['intact', 'compressed', 'in pieces', 'compressed, in pieces', 'escaped letters'];

/** Another is a crash (5xx), or a surprise. */
const clientFaults = [400, 404, 405, 413, 415, 431];

/** Texts for people are short, whatever was sent. */
const longestText = 600;

/** Returns what is wrong with the answer, or undefined. */
export function wrongAnswer(sent: Mutation, answer: Answer | Error): string | undefined {
  // what is over the limit is not read to its end, and the connection may be cut before the answer has been
  if (answer instanceof Error) return sent.body.length > limitBytes ? undefined : `no answer: ${answer.message}`;
  const { status, contentType } = answer;
  if (status !== 200 && !clientFaults.includes(status)) return `status ${status}`;
  if (status !== 200 && harmless.includes(sent.kind)) return `status ${status} for a review that is well`;
  if (status === 200 && sent.body.length > limitBytes) return 'a body over the limit was read';
  return contentType.startsWith('application/json') ? wrongReview(sent, answer) : wrongText(sent, answer);
}

function wrongText({ kind }: Mutation, { status, contentType, body }: Answer): string | undefined {
  // Node itself refuses what is no HTTP, with a status and no body
  if (kind === 'path' && status === 400 && contentType === '') return undefined;
  if (status === 200) return `status 200 with ${contentType}`;
  if (!contentType.startsWith('text/plain')) return `content type ${contentType}`;
  const text = body.toString();
  if (text.length < 10 || text.length > longestText || text.includes(secret)) return `the text ${text}`;
  return undefined;
}

const isKnown = (apiVersion: unknown): boolean =>
  apiVersion === 'admission.k8s.io/v1' || apiVersion === 'admission.k8s.io/v1beta1';

function wrongReview(sent: Mutation, { status, body }: Answer): string | undefined {
  const reply = tryParse(body.toString());
  if (!isHolder(reply) || !isHolder(reply.response)) return 'no AdmissionReview';
  const { apiVersion, kind, response } = reply;
  if (kind !== 'AdmissionReview' || !isKnown(apiVersion)) return 'no kind';
  if (response.allowed !== (status === 200)) return `allowed ${response.allowed} with status ${status}`;
  const review = plainReview(sent);
  const wrong = review === unknown ? undefined : (wrongVerdict(sent, review, response) ?? wrongEcho(review, reply));
  return wrong ?? (status === 200 ? wrongAdmission(review, response) : wrongRefusal(response));
}

/** It was not sent in the plain way, so the judge cannot say what the server read. */
const unknown = Symbol('unknown');

/** Returns what was sent as JSON; undefined where it is none. */
function plainReview({ body, headers }: Mutation): unknown {
  return headers === undefined ? tryParse(body.toString()) : unknown;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON is read as JSON and nothing else is, save that nobody looks into managedFields. */
function wrongVerdict({ body }: Mutation, review: unknown, { allowed, status }: Json): string | undefined {
  const message = isHolder(status) ? String(status.message) : '';
  if (review !== undefined) return message.includes('is not JSON') ? 'JSON was taken for none' : undefined;
  if (allowed && !body.includes('"managedFields":[')) return 'what is no JSON was admitted';
  return undefined;
}

function wrongEcho(review: unknown, { apiVersion, response }: Json): string | undefined {
  if (!isHolder(review) || Array.isArray(review)) return undefined;
  const { request } = review;
  if (isKnown(review.apiVersion) && apiVersion !== review.apiVersion) return `apiVersion ${apiVersion}`;
  const uid = isHolder(request) && !Array.isArray(request) && typeof request.uid === 'string' ? request.uid : '';
  return (response as Json).uid === uid ? undefined : 'another uid';
}

function wrongRefusal({ status, patch, warnings }: Json): string | undefined {
  if (patch !== undefined || warnings !== undefined) return 'a refusal with a patch or warnings';
  if (!isHolder(status) || status.code !== 400) return 'a refusal without its code';
  const message = String(status.message);
  return message.length < 10 || message.length > longestText || message.includes(secret)
    ? `the text ${message}`
    : undefined;
}

function wrongAdmission(review: unknown, { uid, patch, patchType, warnings = [], status }: Json): string | undefined {
  if (typeof uid !== 'string' || uid === '') return 'no uid';
  if (status !== undefined) return 'an admission with a status';
  if (!Array.isArray(warnings) || warnings.some((one) => typeof one !== 'string' || one.length > 120))
    return 'warnings';
  if (warnings.join('').includes(secret)) return 'a secret in a warning';
  if (patch === undefined) return patchType === undefined ? undefined : 'a patch type without a patch';
  if (typeof patch !== 'string' || patchType !== 'JSONPatch') return 'a patch without its type';
  return wrongPatch(review, Buffer.from(patch, 'base64').toString());
}

function wrongPatch(review: unknown, text: string): string | undefined {
  const operations = tryParse(text);
  if (!Array.isArray(operations) || operations.length === 0) return 'a patch that is none';
  if (operations.some(({ op }) => op !== 'add') || text.includes(secret)) return 'a patch that does not only add';
  const request = isHolder(review) ? review.request : undefined;
  // the body was not sent plainly, or has torn managedFields
  if (!isHolder(request)) return undefined;
  try {
    jsonPatch.applyPatch(request.object, operations, true, true);
    return undefined;
  } catch (error) {
    return `a patch that does not apply: ${(error as Error).name}`;
  }
}
