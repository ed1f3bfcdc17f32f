/** Core: the catalogue of everything that can be wrong with a request or an identity, and the words for it. docs/faults.md is rendered from it. */
import type { ApiVersion } from './types.ts';

/** Returns the text in quotes, cut to fit into a warning, without the control characters that no HTTP header may have. */
export function quote(text: string): string {
  return JSON.stringify(clip(text, 48)).replace(/\p{Cc}/gu, '\uFFFD');
}

/** Nothing that Kubernetes or IAM names is longer, in characters; what is longer is no name and must not flood the log. */
export const longestName = 2048;

/** Returns the text, cut at so many characters, with an ellipsis where it was cut; never splits a surrogate pair. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Admission warnings: the pod is admitted, and whoever created it is told. The API asks for at most 120 characters each. */
export const warnings = {
  ROLE_ARN_MALFORMED: {
    when: 'The `role-arn` of the service account is no ARN of an IAM role. It is injected as written, for STS of other clouds.',
    text: (account: string, value: string) =>
      `${account}: role-arn is no ARN of an IAM role; injected as written: ${quote(value)}`,
  },
  ROLE_ARN_NOT_COMPOSED: {
    when: 'The `role-arn` of the service account is a path and a name, and where its role is could not be found out yet. The pod is admitted without credentials.',
    text: (account: string, value: string) =>
      `${account}: AWS account of role ${quote(value)} not known yet; no credentials`,
  },
  EXPIRATION_NOT_INTEGER: {
    when: 'A `token-expiration` annotation is not a whole number of seconds. It is ignored.',
    text: (where: string, value: string) =>
      `${where}: token-expiration ${quote(value)} is not a whole number of seconds; ignored`,
  },
  EXPIRATION_RAISED: {
    when: 'A token lifetime is below the 600 seconds that Kubernetes allows at least. It is raised to that.',
    text: (where: string, value: string) =>
      `${where}: token-expiration ${quote(value)} is below 600 seconds; raised to 600`,
  },
  EXPIRATION_LOWERED: {
    when: 'A token lifetime is above 86400 seconds. It is lowered to that.',
    text: (where: string, value: string) =>
      `${where}: token-expiration ${quote(value)} is above 86400 seconds; lowered to 86400`,
  },
  STS_ENDPOINTS_NOT_BOOLEAN: {
    when: 'A `sts-regional-endpoints` annotation is neither `true` nor `false`. It is ignored.',
    text: (account: string, value: string) =>
      `${account}: sts-regional-endpoints ${quote(value)} is neither true nor false; ignored`,
  },
  CONTAINER_LIST_MALFORMED: {
    when: 'A `skip-containers` or `include-containers` annotation is no CSV record. It is ignored.',
    text: (where: string, name: string) => `${where}: ${name} is no comma-separated list (is a quote open?); ignored`,
  },
  CONTAINER_UNKNOWN: {
    when: 'A `skip-containers` or `include-containers` annotation of the pod names a container that the pod does not have.',
    text: (name: string, container: string) => `${name} names ${quote(container)}, but the pod has no such container`,
  },
  ANNOTATION_MISSPELT: {
    when: 'An annotation is nearly one that the webhook reads.',
    text: (where: string, key: string, meant: string) => `${where}: ${quote(key)} is not read; meant ${meant}?`,
  },
  ANNOTATION_MISPLACED: {
    when: 'An annotation that is read from service accounts only is on the pod.',
    text: (key: string) => `pod: ${quote(key)} is read from service accounts only; put it there`,
  },
  OWN_VARIABLES: {
    when: 'A container defines one of the variables that name its credentials itself, and gets none of them.',
    text: (container: string, variable: string) =>
      `container ${quote(container)} defines ${variable} itself; its own credentials are kept`,
  },
  VOLUME_NAME_TAKEN: {
    when: 'The pod has another volume of our name. The token volume gets a free one.',
    text: (name: string, free: string) =>
      `another volume has the name ${quote(name)}; the token volume is named ${quote(free)}`,
  },
  MOUNT_PATH_SHARED: {
    when: 'Another token is mounted at our path. The variables point at it.',
    text: (container: string, volume: string) =>
      `container ${quote(container)}: ${quote(volume)}, another token, is mounted at our path; it is used`,
  },
  MOUNT_PATH_TAKEN: {
    when: 'Something that is no token is mounted at our path. The token is mounted at a free path beside it.',
    text: (container: string, free: string) => `container ${quote(container)}: mount path taken; token is at ${free}`,
  },
  ACCOUNT_MISSING: {
    when: 'The service account did not exist within the grace period. The pod is admitted without credentials.',
    text: (account: string) => `${account} not found in time; pod admitted without AWS credentials`,
  },
  LOOKUP_TIMED_OUT: {
    when: 'The service account was not cached and the API server did not answer in time. The pod is admitted without credentials.',
    text: (account: string) => `${account} not read in time; pod admitted without AWS credentials`,
  },
  LOOKUP_UNAVAILABLE: {
    when: 'The service account was not cached and the API server could not be asked. The pod is admitted without credentials.',
    text: (account: string) => `${account} could not be read; pod admitted without AWS credentials`,
  },
} as const;

export type WarningCode = keyof typeof warnings;

/** Something that the pod's creator should know. */
export interface Warning {
  readonly code: WarningCode;
  readonly text: string;
}

/** Returns the warning of this code with its words filled in. */
export function warn<C extends WarningCode>(code: C, ...values: Parameters<(typeof warnings)[C]['text']>): Warning {
  const text = warnings[code].text as (...parts: typeof values) => string;
  return { code, text: text(...values) };
}

/** Requests that get no review: what is wrong, and the HTTP status. */
export const requestFaults = {
  NOT_JSON: { status: 400, text: () => 'the request body is not JSON: send an AdmissionReview as application/json' },
  FIELD_MISSING: {
    status: 400,
    text: (field: string, rule: string) => `AdmissionReview: ${field} is missing: it must be ${rule}`,
  },
  FIELD_INVALID: {
    status: 400,
    text: (field: string, received: string, rule: string) =>
      `AdmissionReview: ${field} is ${received}: it must be ${rule}`,
  },
  CONTENT_TYPE: {
    status: 415,
    text: (value: string) => `content type ${quote(value)} is not supported: send application/json`,
  },
  BODY_ENCODING: {
    status: 415,
    text: () => 'the content encoding of the body is not supported: send plain UTF-8',
  },
  BODY_TOO_LARGE: {
    status: 413,
    text: (limit: number) => `the request body is over ${limit} bytes: --max-request-bytes raises the limit`,
  },
  BODY_INCOMPLETE: {
    status: 400,
    text: () => 'the request body ended early or came too slowly: send all of it, within 30 seconds',
  },
  BODY_GIVEN_UP: {
    status: 503,
    text: (limit: number) =>
      `over ${limit} bytes of unfinished bodies at once, and this one had begun first: send it again, all at once`,
  },
  NOT_FOUND: {
    status: 404,
    text: (path: string) => `nothing is served at ${quote(path)}: pods are reviewed at /mutate`,
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    text: (method: string, allowed: string) => `method ${quote(method)} is not allowed here: use ${allowed}`,
  },
  INTERNAL: {
    status: 500,
    text: () => 'internal error of the pod identity webhook: its log has a line of the same time',
  },
} as const;

export type RequestFaultCode = keyof typeof requestFaults;

/** A request that gets no review. */
export interface RequestFault {
  readonly code: RequestFaultCode;
  readonly status: number;
  readonly text: string;
  /** Of the request, where it had one. */
  readonly uid?: string;
  /** Of the request, where it had one that is known. */
  readonly apiVersion?: ApiVersion;
}

/** Returns the fault of this code with its words filled in. */
export function requestFault<C extends RequestFaultCode>(
  code: C,
  ...values: Parameters<(typeof requestFaults)[C]['text']>
): RequestFault {
  const row = requestFaults[code];
  const text = row.text as (...parts: typeof values) => string;
  return { code, status: row.status, text: text(...values) };
}

/** Why a review ended as it did: the `reason` of the log line and of the metric. */
export const reasons = {
  MUTATED: 'The pod got credentials.',
  COMPLETE: 'The pod already has all that it should have.',
  NOT_A_POD_CREATION: 'The request is not the creation of a pod.',
  SKIP_LABEL: 'The pod has the label that excludes it.',
  MIRROR_POD: 'The pod is the mirror of a static pod, and may have no token.',
  NO_IDENTITY: 'The service account has no role.',
  NO_CONTAINERS: 'Every container is skipped.',
  ACCOUNT_MISSING: 'The service account does not exist.',
  LOOKUP_TIMED_OUT: 'The service account was not read in time.',
  LOOKUP_UNAVAILABLE: 'The service account could not be read.',
  POD_MALFORMED: 'A part of the pod has a type that the API does not allow.',
} as const;

export type Reason = keyof typeof reasons;
