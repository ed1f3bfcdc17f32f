/** Core, first stage: decodes an AdmissionReview. Trusts nothing about the body; reads no more of the pod than the webhook needs. */
import { quote, type RequestFault, requestFault } from './faults.ts';
import { isObject, kindOf } from './json.ts';
import { type PodProblem, tryPod } from './pod.ts';
import type { ApiVersion, JsonObject, Pod } from './types.ts';

/** What every review has, whatever it is about. */
interface ReviewHead {
  readonly apiVersion: ApiVersion;
  readonly uid: string;
  readonly isDryRun: boolean;
  readonly namespace: string;
}

/** A request of the API server, as far as the webhook is concerned. */
export type Review =
  | (ReviewHead & { readonly kind: 'pod-creation'; readonly pod: Pod })
  | (ReviewHead & { readonly kind: 'malformed-pod'; readonly problem: PodProblem })
  | (ReviewHead & { readonly kind: 'other' });

/**
 * Returns the review that the body holds, or what is wrong with it.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request
 */
export function decodeReview(body: unknown): Review | RequestFault {
  if (!isObject(body)) return requestFault('FIELD_INVALID', 'the body', kindOf(body), 'an object');
  const decoded = decodeEnvelope(body);
  return 'kind' in decoded ? decoded : { ...decoded, ...echo(body) };
}

/** Returns what the answer to a bad review repeats of it, where it is there. */
export function echo({ apiVersion, request }: JsonObject): Pick<RequestFault, 'apiVersion' | 'uid'> {
  const uid = isObject(request) && typeof request.uid === 'string' ? request.uid : '';
  return { ...(isApiVersion(apiVersion) && { apiVersion }), ...(uid && { uid }) };
}

function decodeEnvelope({ kind, apiVersion, request }: JsonObject): Review | RequestFault {
  if (kind !== 'AdmissionReview') return wrong('kind', kind, 'AdmissionReview');
  if (!isApiVersion(apiVersion)) {
    return wrong('apiVersion', apiVersion, 'admission.k8s.io/v1 or admission.k8s.io/v1beta1');
  }
  if (!isObject(request)) return wrong('request', request, 'an object');
  const { uid } = request;
  if (typeof uid !== 'string' || uid === '') return wrong('request.uid', uid, 'a string that is not empty');
  if (typeof request.operation !== 'string' || request.operation === '') {
    return wrong('request.operation', request.operation, 'CREATE, UPDATE, DELETE or CONNECT');
  }
  const namespace = typeof request.namespace === 'string' ? request.namespace : '';
  return decodeRequest(request, { apiVersion, uid, isDryRun: request.dryRun === true, namespace });
}

/** A name such as `..` would be a step in the URL of the lookup. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const isNamespace = /^[a-z0-9][-a-z0-9]{0,62}$/;
const noNamespace: PodProblem = {
  field: 'request.namespace',
  rule: 'a name of at most 63 lower-case letters, digits and dashes',
};

function decodeRequest(request: JsonObject, head: ReviewHead): Review | RequestFault {
  if (!isPodCreation(request)) return { ...head, kind: 'other' as const };
  if (!isObject(request.object)) return wrong('request.object', request.object, 'the pod, an object');
  if (!isNamespace.test(head.namespace)) return { ...head, kind: 'malformed-pod' as const, problem: noNamespace };
  const pod = tryPod(request.object);
  return 'spec' in pod
    ? { ...head, kind: 'pod-creation' as const, pod }
    : { ...head, kind: 'malformed-pod' as const, problem: pod };
}

function isApiVersion(value: unknown): value is ApiVersion {
  return value === 'admission.k8s.io/v1' || value === 'admission.k8s.io/v1beta1';
}

function wrong(field: string, value: unknown, rule: string): RequestFault {
  if (value === undefined || value === null) return requestFault('FIELD_MISSING', field, rule);
  // what should be an object may be a pod in the wrong place, so only its kind is told
  const isShown = typeof value === 'string' && !rule.includes('an object');
  return requestFault('FIELD_INVALID', field, isShown ? quote(value) : kindOf(value), rule);
}

/** A hand-written review may lack `resource`; then the object's own kind counts. */
function isPodCreation(request: JsonObject): boolean {
  if (request.operation !== 'CREATE' || (request.subResource ?? '') !== '') return false;
  const { resource, object } = request;
  if (!isObject(resource)) return !isObject(object) || object.kind === 'Pod';
  return (resource.group ?? '') === '' && resource.resource === 'pods';
}
