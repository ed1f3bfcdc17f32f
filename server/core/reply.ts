/** Core, last stage: the AdmissionReview that answers. Encodes nothing. */
import { clip, type RequestFault, type Warning } from './faults.ts';
import type { Operation } from './patch.ts';
import type { ApiVersion } from './types.ts';

/** The answer to one review. */
export interface Reply {
  readonly apiVersion: ApiVersion;
  readonly uid: string;
  readonly isAllowed: boolean;
  readonly patch: readonly Operation[];
  readonly warnings: readonly string[];
  readonly status?: { readonly code: number; readonly message: string };
}

/**
 * The API's limits: a longer warning may be cut by the API server, and more than 4096 bytes in all are dropped.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
const warningLimits = { characters: 120, bytesInAll: 4096 } as const;

/** Returns the answer that admits the pod, with a patch or none. Warnings exist since v1. */
export function allow(
  { apiVersion, uid }: { readonly apiVersion: ApiVersion; readonly uid: string },
  patch: readonly Operation[],
  warnings: readonly Warning[],
): Reply {
  const isV1 = apiVersion === 'admission.k8s.io/v1';
  return {
    apiVersion,
    uid,
    isAllowed: true,
    patch,
    warnings: isV1 && warnings.length > 0 ? fitWarnings(warnings) : [],
  };
}

/** Returns the answer to what could not be reviewed. */
export function refuse({ status, text, uid = '', apiVersion = 'admission.k8s.io/v1' }: RequestFault): Reply {
  const message = `pod identity webhook: ${text}`;
  return { apiVersion, uid, isAllowed: false, patch: [], warnings: [], status: { code: status, message } };
}

const utf8 = new TextEncoder();

function fitWarnings(warnings: readonly Warning[]): string[] {
  const fitting = new Set<string>();
  let bytes = 0;
  for (const warning of warnings) {
    const text = clip(`pod identity: ${warning.text}`, warningLimits.characters);
    if (fitting.has(text)) continue;
    bytes += utf8.encode(text).length;
    if (bytes > warningLimits.bytesInAll) break;
    fitting.add(text);
  }
  return [...fitting];
}
