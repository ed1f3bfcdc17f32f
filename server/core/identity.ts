/** Core, second stage: resolves what the sources know and what the annotations say to one identity. Touches no container. */
import type { Config } from '../../contract/flags.ts';
import { tryParseCsvRecord } from './csv.ts';
import { type Warning, warn } from './faults.ts';
import { type AnnotationName, judgeKey, variables, webIdentityTokenPath } from './names.ts';
import type { Annotations, CredentialMethod, IdentityFacts, Pod, ServiceAccountRef } from './types.ts';

/** The flags that decide an identity. */
export type IdentitySettings = Pick<
  Config,
  | 'annotationPrefix'
  | 'awsDefaultRegion'
  | 'stsRegionalEndpoint'
  | 'tokenAudience'
  | 'tokenExpiration'
  | 'tokenExpirationSpread'
  | 'tokenMountPath'
  | 'tokenVolumeName'
>;

/** A variable of a container; without a value it holds the path of the token file. */
export interface CredentialVariable {
  readonly name: string;
  readonly value?: string;
  /** Whether a container that defines it itself gets none of the credential variables. */
  readonly isExclusive: boolean;
}

/** The credentials that a pod's containers get, and how. */
export interface Identity {
  readonly method: CredentialMethod;
  readonly volumeName: string;
  readonly mountPath: string;
  readonly tokenPath: string;
  readonly audience: string;
  readonly expirationSeconds: number;
  readonly credentialVariables: readonly CredentialVariable[];
  readonly isStsRegional: boolean;
  /** Empty: none is set. */
  readonly region: string;
  /** For the log. */
  readonly roleArn?: string;
}

/** Which containers get credentials. */
export interface ContainerChoice {
  /** Undefined: all. */
  readonly included?: ReadonlySet<string>;
  readonly skipped: ReadonlySet<string>;
  /** The names that the pod itself lists, by annotation: one that matches no container is worth a warning. */
  readonly named: readonly (readonly [annotation: string, containers: readonly string[]])[];
}

/** What is resolved: an identity and the containers that get it, or neither; and what the pod's creator should know. */
export interface Resolution {
  readonly granted?: { readonly identity: Identity; readonly choice: ContainerChoice };
  readonly warnings: readonly Warning[];
}

/** What `resolveIdentity` reads. */
export interface IdentityInput {
  readonly pod: Pod;
  readonly account: ServiceAccountRef;
  readonly facts: IdentityFacts;
  readonly settings: IdentitySettings;
  /** From 0 up to, not including, 1: where a spread token lifetime falls. */
  readonly random: number;
}

/** The least and the most seconds that a token may live: the API's least, and a day. */
const expirationLimits = { min: 600, max: 86_400 } as const;
/** Spread lifetimes end within the last twelfth: 79200 to 86400 for a day. */
const spreadShare = 1 / 12;

const roleArnPattern = /^arn:aws[a-z0-9-]*:iam::\d{12}:role\/[\w+=,.@/-]*[\w+=,.@-]$/;

/** Returns the service account as warnings name it: without the namespace, which is the pod's own. */
export function accountName({ name }: ServiceAccountRef): string {
  return `service account ${name}`;
}

/** Returns the identity that the pod's containers are to have. Sources in the order of behaviour.md section 1. */
export function resolveIdentity(input: IdentityInput): Resolution {
  const { pod, account, facts, settings } = input;
  const onAccount = readAnnotations(facts.annotations, settings.annotationPrefix, accountName(account));
  const onPod = readAnnotations(pod.metadata?.annotations ?? {}, settings.annotationPrefix);
  const keyWarnings = [...onAccount.warnings, ...onPod.warnings];
  const roleArn = onAccount.values['role-arn'] || facts.configMap?.roleArn;
  if (!roleArn) return { warnings: keyWarnings };
  const choice = chooseContainers(onAccount, onPod);
  const { identity, warnings } = webIdentity(input, roleArn, { onAccount: onAccount.values, onPod: onPod.values });
  return { granted: { identity, choice }, warnings: [...keyWarnings, ...choice.warnings, ...warnings] };
}

type Values = Readonly<Partial<Record<AnnotationName, string>>>;

interface ReadAnnotations {
  readonly place: string;
  readonly values: Values;
  readonly warnings: readonly Warning[];
}

/** @param account how warnings name the service account, or undefined for the pod */
function readAnnotations(annotations: Annotations, prefix: string, account?: string): ReadAnnotations {
  const place = account ?? 'pod';
  const values: Partial<Record<AnnotationName, string>> = {};
  const warnings: Warning[] = [];
  for (const key in annotations) {
    const verdict = judgeKey(key, prefix);
    if (verdict === undefined) continue;
    if (verdict.kind === 'misspelt') warnings.push(warn('ANNOTATION_MISSPELT', place, key, verdict.meant));
    else if (verdict.places.includes(account === undefined ? 'pod' : 'service-account'))
      values[verdict.name] = annotations[key] as string;
    else warnings.push(warn('ANNOTATION_MISPLACED', key));
  }
  return { place, values, warnings };
}

function webIdentity(
  { account, facts, settings, random }: IdentityInput,
  roleArn: string,
  { onAccount, onPod }: { readonly onAccount: Values; readonly onPod: Values },
): { readonly identity: Identity; readonly warnings: readonly Warning[] } {
  const name = accountName(account);
  const fromConfigMap = onAccount['role-arn'] ? undefined : facts.configMap;
  const expiration = [
    readExpiration(onPod['token-expiration'], 'pod'),
    readExpiration(onAccount['token-expiration'], name),
    readExpiration(fromConfigMap?.tokenExpiration?.toString(), `ConfigMap entry of ${name}`),
  ];
  const regional = readBoolean(onAccount['sts-regional-endpoints'], name);
  const fallback = settings.tokenExpirationSpread ? spread(settings.tokenExpiration, random) : settings.tokenExpiration;
  const identity: Identity = {
    method: 'web-identity',
    volumeName: settings.tokenVolumeName,
    mountPath: settings.tokenMountPath,
    tokenPath: webIdentityTokenPath,
    audience: onAccount.audience || fromConfigMap?.audience || settings.tokenAudience,
    expirationSeconds: expiration.find((one) => one.seconds !== undefined)?.seconds ?? fallback,
    credentialVariables: [
      { name: variables.roleArn, value: roleArn, isExclusive: true },
      { name: variables.roleArn2019, value: roleArn, isExclusive: false },
      { name: variables.webIdentityTokenFile, isExclusive: true },
    ],
    isStsRegional: regional.value ?? fromConfigMap?.useRegionalSts ?? settings.stsRegionalEndpoint,
    region: onPod.region || onAccount.region || settings.awsDefaultRegion,
    roleArn,
  };
  const malformed = roleArnPattern.test(roleArn) ? [] : [warn('ROLE_ARN_MALFORMED', name, roleArn)];
  return { identity, warnings: [...malformed, ...regional.warnings, ...expiration.flatMap((one) => one.warnings)] };
}

/** Returns a lifetime within its last twelfth, in whole seconds. */
function spread(seconds: number, random: number): number {
  const width = Math.floor(seconds * spreadShare);
  return Math.max(expirationLimits.min, seconds - Math.floor(random * (width + 1)));
}

function readExpiration(text: string | undefined, where: string): { seconds?: number; warnings: readonly Warning[] } {
  if (text === undefined) return { warnings: [] };
  if (!/^[+-]?\d+$/.test(text.trim())) return { warnings: [warn('EXPIRATION_NOT_INTEGER', where, text)] };
  const seconds = Number(text);
  const { min, max } = expirationLimits;
  if (seconds < min) return { seconds: min, warnings: [warn('EXPIRATION_RAISED', where, text)] };
  if (seconds > max) return { seconds: max, warnings: [warn('EXPIRATION_LOWERED', where, text)] };
  return { seconds, warnings: [] };
}

function readBoolean(text: string | undefined, account: string): { value?: boolean; warnings: readonly Warning[] } {
  if (text === undefined) return { warnings: [] };
  if (text === 'true' || text === 'false') return { value: text === 'true', warnings: [] };
  return { warnings: [warn('STS_ENDPOINTS_NOT_BOOLEAN', account, text)] };
}

/** The skip lists of pod and account are joined; of the include lists the pod's wins. */
function chooseContainers(
  account: ReadAnnotations,
  pod: ReadAnnotations,
): ContainerChoice & { readonly warnings: readonly Warning[] } {
  const warnings: Warning[] = [];
  const list = ({ place, values }: ReadAnnotations, name: 'skip-containers' | 'include-containers') => {
    const text = values[name];
    if (text === undefined) return undefined;
    const record = tryParseCsvRecord(text);
    if (record === undefined) warnings.push(warn('CONTAINER_LIST_MALFORMED', place, name));
    return record;
  };
  const podSkips = list(pod, 'skip-containers');
  const podIncludes = list(pod, 'include-containers');
  const included = podIncludes ?? list(account, 'include-containers');
  const named: (readonly [string, readonly string[]])[] = [];
  if (podSkips) named.push(['skip-containers', podSkips]);
  if (podIncludes) named.push(['include-containers', podIncludes]);
  return {
    skipped: new Set([...(podSkips ?? []), ...(list(account, 'skip-containers') ?? [])]),
    ...(included && { included: new Set(included) }),
    named,
    warnings,
  };
}
