/** Core: the names that Kubernetes and AWS gave to what is read and added, and how to tell a misspelt one. Decides nothing. */

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
} as const satisfies Readonly<Record<string, readonly Place[]>>;

export type AnnotationName = keyof typeof annotationPlaces;

const annotationNames = Object.keys(annotationPlaces) as readonly AnnotationName[];

/** A pod with this label, whatever its value, is left alone. */
export const skipLabel = 'eks.amazonaws.com/skip-pod-identity-webhook';

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
  const ownPrefix = slash < 0 ? '' : key.slice(0, slash);
  if (ownPrefix === prefix && Object.hasOwn(annotationPlaces, name)) {
    return { kind: 'read', name: name as AnnotationName, places: annotationPlaces[name as AnnotationName] };
  }
  const meant = nearestName(name);
  if (meant === undefined) return undefined;
  const isNear = ownPrefix === '' ? meant === 'role-arn' : isWithin(ownPrefix.toLowerCase(), prefix, 3);
  return isNear ? { kind: 'misspelt', meant: `${prefix}/${meant}` } : undefined;
}

function nearestName(name: string): AnnotationName | undefined {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return annotationNames.find((known) => isWithin(plain, known, known.length > 8 ? 2 : 1));
}

/** Says whether so many insertions, deletions and replacements of letters turn one text into the other. */
function isWithin(text: string, other: string, most: number): boolean {
  if (text === other) return true;
  if (Math.abs(text.length - other.length) > most) return false;
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= text.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = at(row, j - 1) + (text[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, at(row, j) + 1, at(next, j - 1) + 1));
    }
    row = next;
  }
  return at(row, other.length) <= most;
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
