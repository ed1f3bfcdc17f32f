/** Core: the names that Kubernetes and AWS gave to what is read and added, and how to tell a misspelt one. Decides nothing. */
import type { AnnotationName } from '../../contract/annotations.ts';

export type { AnnotationName };

/** Where an annotation is read from. */
type Place = 'service-account' | 'pod';

const everywhere: readonly Place[] = ['service-account', 'pod'];

/** Every annotation, by the part after the prefix. */
const annotationPlaces = {
  'role-arn': ['service-account'],
  audience: ['service-account'],
  'sts-regional-endpoints': ['service-account'],
  'token-expiration': everywhere,
  'skip-containers': everywhere,
  'include-containers': everywhere,
  region: everywhere,
} as const satisfies Readonly<Record<AnnotationName, readonly Place[]>>;

const annotationNames = Object.keys(annotationPlaces) as readonly AnnotationName[];

/** A pod with this label, whatever its value, is left alone. */
export const skipLabel = 'eks.amazonaws.com/skip-pod-identity-webhook';

/** The kubelet marks the mirrors of static pods with this annotation; the API server refuses one that projects a token. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** The variables that AWS SDKs read, and the one of 2019. */
export const variables = {
  roleArn: 'AWS_ROLE_ARN',
  roleArn2019: 'AWS_IAM_ROLE_ARN',
  webIdentityTokenFile: 'AWS_WEB_IDENTITY_TOKEN_FILE',
  stsRegionalEndpoints: 'AWS_STS_REGIONAL_ENDPOINTS',
  defaultRegion: 'AWS_DEFAULT_REGION',
  region: 'AWS_REGION',
} as const;

/** The file name of the token below its mount path, as since 2019. */
export const webIdentityTokenPath = 'token';

/** What an annotation key is to the webhook: one it reads, one that is nearly so, or none of its business. */
export type KeyVerdict =
  | { readonly kind: 'read'; readonly name: AnnotationName; readonly places: readonly Place[] }
  | { readonly kind: 'misspelt'; readonly meant: string }
  | undefined;

/**
 * Returns what the key is to a webhook with this annotation prefix. Nearly one of ours is: other letter case, `_` for
 * `-`, no prefix at all before `role-arn`, or a few letters off in prefix or name.
 */
export function judgeKey(key: string, prefix: string): KeyVerdict {
  const slash = key.lastIndexOf('/');
  const name = key.slice(slash + 1);
  if (slash < 0) return nearName(name) === 'role-arn' ? { kind: 'misspelt', meant: `${prefix}/role-arn` } : undefined;
  const ownPrefix = key.slice(0, slash);
  if (ownPrefix === prefix && Object.hasOwn(annotationPlaces, name)) {
    return { kind: 'read', name: name as AnnotationName, places: annotationPlaces[name as AnnotationName] };
  }
  if (!isWithin(ownPrefix.toLowerCase(), prefix, 3)) return undefined;
  const meant = nearName(name);
  return meant && { kind: 'misspelt', meant: `${prefix}/${meant}` };
}

function nearName(name: string): AnnotationName | undefined {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return annotationNames.find((known) => isWithin(plain, known, known.length > 8 ? 2 : 1));
}

/** Says whether so many insertions, deletions, replacements and swaps of neighbours turn one text into the other. */
function isWithin(text: string, other: string, most: number): boolean {
  if (Math.abs(text.length - other.length) > most) return false;
  let same = 0;
  while (same < text.length && text[same] === other[same]) same++;
  if (same === text.length && same === other.length) return true;
  if (most === 0) return false;
  const [a, b] = [text.slice(same), other.slice(same)];
  const isSwap = a[0] === b[1] && a[1] === b[0];
  return (
    isWithin(a.slice(1), b.slice(1), most - 1) ||
    isWithin(a, b.slice(1), most - 1) ||
    isWithin(a.slice(1), b, most - 1) ||
    (isSwap && isWithin(a.slice(2), b.slice(2), most - 1))
  );
}
