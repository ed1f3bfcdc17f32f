/** Core, second stage: resolves what the sources know and what the annotations say to one identity. Touches no container. */
import type { Config } from '../../contract/flags.ts';
import {
  type AnnotationValues,
  expirationLimits,
  type ReadAnnotations,
  readAnnotations,
  readBoolean,
  readExpiration,
} from './annotations.ts';
import { tryParseCsvRecord } from './csv.ts';
import { type Warning, warn } from './faults.ts';
import { variables, webIdentityTokenPath } from './names.ts';
import { composeRoleArn, isPartOfArn, isRoleArn } from './role-arn.ts';
import type { ConfigMapIdentity, CredentialMethod, IdentityFacts, ServiceAccountRef } from './types.ts';

/** The flags that decide an identity. */
export type IdentitySettings = Pick<
  Config,
  | 'annotationPrefix'
  | 'awsDefaultRegion'
  | 'composeRoleArn'
  | 'containerCredentialsAudience'
  | 'containerCredentialsFullUri'
  | 'containerCredentialsTokenMountPath'
  | 'containerCredentialsTokenPath'
  | 'containerCredentialsTokenVolumeName'
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
  /** Whether the lifetime was drawn: the account's next pod gets another. */
  readonly isDrawn: boolean;
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

/** An identity, and the containers that get it. */
export interface Grant {
  readonly identity: Identity;
  readonly choice: ContainerChoice;
}

/** What is resolved: an identity and the containers that get it, or neither; and what the pod's creator should know. */
export interface Resolution {
  readonly granted?: Grant;
  readonly warnings: readonly Warning[];
}

/** What `resolveIdentity` reads. */
export interface IdentityInput {
  readonly account: ServiceAccountRef;
  readonly facts: IdentityFacts;
  /** What the pod's own annotations say. */
  readonly onPod: ReadAnnotations;
  readonly settings: IdentitySettings;
  /** Returns a number from 0 up to, not including, 1: where a spread token lifetime falls. Is asked only for one of those. */
  readonly random: () => number;
}

/** Spread lifetimes end within the last twelfth: 79200 to 86400 for a day. */
const spreadShare = 1 / 12;

/** Returns the service account as warnings name it: without the namespace, which is the pod's own. */
export function accountName({ name }: ServiceAccountRef): string {
  return `service account ${name}`;
}

/** Returns the identity that the pod's containers are to have. Sources in the order of behaviour.md section 1. */
export function resolveIdentity(input: IdentityInput): Resolution {
  const { account, facts, onPod, settings } = input;
  const onAccount = readAnnotations(facts.annotations, settings.annotationPrefix, accountName(account));
  const keyWarnings = [...onAccount.warnings, ...onPod.warnings];
  const given = { onAccount: onAccount.values, onPod: onPod.values };
  const found = facts.hasContainerCredentials ? containerCredentials(input, given) : webIdentity(input, given);
  if (found.identity === undefined) return { warnings: [...keyWarnings, ...found.warnings] };
  const choice = chooseContainers(onAccount, onPod);
  return {
    granted: { identity: found.identity, choice },
    warnings: [...keyWarnings, ...choice.warnings, ...found.warnings],
  };
}

interface Given {
  readonly onAccount: AnnotationValues;
  readonly onPod: AnnotationValues;
}

interface FoundIdentity {
  readonly identity?: Identity;
  readonly warnings: readonly Warning[];
}

function webIdentity(input: IdentityInput, given: Given): FoundIdentity {
  const { account, facts, settings, random } = input;
  const { onAccount } = given;
  const written = onAccount['role-arn'] || facts.configMap?.roleArn;
  if (!written) return { warnings: [] };
  const roleArn = wholeRole(written, input);
  if (roleArn === undefined) return { warnings: [warn('ROLE_ARN_NOT_COMPOSED', accountName(account), written)] };
  const fromConfigMap = onAccount['role-arn'] ? undefined : facts.configMap;
  const common = readCommon(input, given, fromConfigMap);
  const isDrawn = common.expirationSeconds === undefined && settings.tokenExpirationSpread;
  const expirationSeconds = common.expirationSeconds ?? settings.tokenExpiration;
  const identity: Identity = {
    method: 'web-identity',
    volumeName: settings.tokenVolumeName,
    mountPath: settings.tokenMountPath,
    tokenPath: webIdentityTokenPath,
    audience: onAccount.audience || fromConfigMap?.audience || settings.tokenAudience,
    expirationSeconds: isDrawn ? spread(expirationSeconds, random) : expirationSeconds,
    isDrawn,
    credentialVariables: [
      { name: variables.roleArn, value: roleArn, isExclusive: true },
      { name: variables.roleArn2019, value: roleArn, isExclusive: false },
      { name: variables.webIdentityTokenFile, isExclusive: true },
    ],
    isStsRegional: common.isStsRegional,
    region: common.region,
    roleArn,
  };
  const malformed = isRoleArn(roleArn) ? [] : [warn('ROLE_ARN_MALFORMED', accountName(account), roleArn)];
  return { identity, warnings: [...malformed, ...common.warnings] };
}

/** Returns the role's ARN; undefined where it is to be composed and cannot be yet: a part of an ARN helps nobody. */
function wholeRole(written: string, { facts, settings }: IdentityInput): string | undefined {
  if (!settings.composeRoleArn || !isPartOfArn(written)) return written;
  return facts.roleArnPrefix === undefined ? undefined : composeRoleArn(facts.roleArnPrefix, written);
}

/** A lifetime of just the default is spread, wherever it comes from, as the Go webhook does. */
function containerCredentials(input: IdentityInput, given: Given): FoundIdentity {
  const { settings, random } = input;
  const common = readCommon(input, given);
  const expirationSeconds = common.expirationSeconds ?? settings.tokenExpiration;
  const isDrawn = expirationSeconds === expirationLimits.max;
  const identity: Identity = {
    method: 'container-credentials',
    volumeName: settings.containerCredentialsTokenVolumeName,
    mountPath: settings.containerCredentialsTokenMountPath,
    tokenPath: settings.containerCredentialsTokenPath,
    audience: settings.containerCredentialsAudience,
    expirationSeconds: isDrawn ? spread(expirationSeconds, random) : expirationSeconds,
    isDrawn,
    credentialVariables: [
      { name: variables.containerCredentialsUri, value: settings.containerCredentialsFullUri, isExclusive: true },
      { name: variables.containerTokenFile, isExclusive: true },
    ],
    isStsRegional: common.isStsRegional,
    region: common.region,
  };
  return { identity, warnings: common.warnings };
}

/** Returns what annotations and flags say whatever the method; the lifetime is undefined where none says one. */
function readCommon({ account, settings }: IdentityInput, { onAccount, onPod }: Given, configMap?: ConfigMapIdentity) {
  const name = accountName(account);
  const expiration = [
    readExpiration(onPod['token-expiration'], 'pod'),
    readExpiration(onAccount['token-expiration'], name),
    readExpiration(configMap?.tokenExpiration?.toString(), `ConfigMap entry of ${name}`),
  ];
  const regional = readBoolean(onAccount['sts-regional-endpoints'], name);
  return {
    expirationSeconds: expiration.find((one) => one.seconds !== undefined)?.seconds,
    isStsRegional: regional.value ?? configMap?.useRegionalSts ?? settings.stsRegionalEndpoint,
    region: onPod.region || onAccount.region || settings.awsDefaultRegion,
    warnings: [...regional.warnings, ...expiration.flatMap((one) => one.warnings)],
  };
}

/** Returns a lifetime within its last twelfth, in whole seconds. */
function spread(seconds: number, random: () => number): number {
  const width = Math.floor(seconds * spreadShare);
  return Math.max(expirationLimits.min, seconds - Math.floor(random() * (width + 1)));
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
