/** Core, first stage: decodes an AdmissionReview. Trusts nothing about the body; reads no more of the pod than the webhook needs. */
import { type RequestFault, requestFault } from './faults.ts';
import { isObject } from './json.ts';
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
  if (!isObject(body)) return requestFault('FIELD_INVALID', 'the body', body, 'an object of kind AdmissionReview');
  const { apiVersion, request } = body;
  const decoded = decodeEnvelope(body);
  if ('kind' in decoded) return decoded;
  const uid = isObject(request) && typeof request.uid === 'string' ? request.uid : '';
  return { ...decoded, ...(isApiVersion(apiVersion) && { apiVersion }), ...(uid && { uid }) };
}

function decodeEnvelope({ kind, apiVersion, request }: JsonObject): Review | RequestFault {
  if (kind !== 'AdmissionReview') return wrong('kind', kind, 'AdmissionReview');
  if (!isApiVersion(apiVersion)) {
    return wrong('apiVersion', apiVersion, 'admission.k8s.io/v1 or admission.k8s.io/v1beta1');
  }
  if (!isObject(request)) return wrong('request', request, 'an object');
  const { uid } = request;
  if (typeof uid !== 'string' || uid === '') return wrong('request.uid', uid, 'a string that is not empty');
  const namespace = typeof request.namespace === 'string' ? request.namespace : '';
  return decodeRequest(request, { apiVersion, uid, isDryRun: request.dryRun === true, namespace });
}

function decodeRequest(request: JsonObject, head: ReviewHead): Review | RequestFault {
  if (!isPodCreation(request)) return { ...head, kind: 'other' as const };
  if (!isObject(request.object)) return wrong('request.object', request.object, 'the pod, an object');
  if (head.namespace === '') {
    return { ...head, kind: 'malformed-pod' as const, problem: { field: 'request.namespace', rule: 'a name' } };
  }
  const pod = tryPod(request.object);
  return 'spec' in pod
    ? { ...head, kind: 'pod-creation' as const, pod }
    : { ...head, kind: 'malformed-pod' as const, problem: pod };
}

function isApiVersion(value: unknown): value is ApiVersion {
  return value === 'admission.k8s.io/v1' || value === 'admission.k8s.io/v1beta1';
}

function wrong(field: string, value: unknown, rule: string): RequestFault {
  const isMissing = value === undefined || value === null;
  return isMissing ? requestFault('FIELD_MISSING', field, rule) : requestFault('FIELD_INVALID', field, value, rule);
}

/** A hand-written review may lack `resource`; then the object's own kind counts. */
function isPodCreation(request: JsonObject): boolean {
  if (request.operation !== 'CREATE' || (request.subResource ?? '') !== '') return false;
  const { resource, object } = request;
  if (!isObject(resource)) return !isObject(object) || object.kind === 'Pod';
  return (resource.group ?? '') === '' && resource.resource === 'pods';
}
