/** Charts: the check of every prop that is no flag, each by itself. */
import { checkProps } from '../contract/args.ts';
import type { DurationValue } from '../contract/flag-types.ts';
import type { FlagKey } from '../contract/flags.ts';
import { routes } from '../contract/routes.ts';
import { type Certificates, certificateFlags } from './certificates.ts';
import {
  bool,
  type Check,
  describe,
  isObject,
  labels,
  listOf,
  matching,
  must,
  needed,
  object,
  oneOf,
  pem,
  shape,
  text,
  texts,
  whole,
} from './checks.ts';
import { tokenLifetime } from './pod-identity.ts';
import type { DeploymentProps } from './webhook-props.ts';

/** More replicas than this are a slip of the hand. */
const maxReplicas = 1000;
const cidr = matching(/^[\d.]+\/\d{1,2}$|^[\da-fA-F:.]+\/\d{1,3}$/, 'be a CIDR, as 10.0.0.0/16');
const duration = must('be a Duration', (value) => isObject(value) && typeof value.toMilliseconds === 'function');
/** @see https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateSpec */
const anHour = must('be a Duration of an hour or more', (value) => {
  return duration(value, '').length === 0 && (value as DurationValue).toMilliseconds() >= 3_600_000;
});
const half = matching(/^[^/\s]+$/, 'be one name, without a slash');

const certificateFields: { readonly [K in Certificates['kind']]: Check } = {
  'own-ca': shape({ kind: text, caDuration: duration, leafDuration: duration }),
  'signing-request': shape({ kind: text, signer: text, caBundle: pem }, 'signer'),
  'cert-manager': shape({
    kind: text,
    issuer: shape({ name: text, kind: oneOf('Issuer', 'ClusterIssuer'), group: text }, 'name'),
    duration: anHour,
  }),
  secret: shape({ kind: text, name: text, caBundle: pem }, 'name'),
};

/** What a part of `certificates` is called as a flag. */
const partNames: Partial<Record<FlagKey, string>> = { csrSigner: 'signer', tlsSecret: 'name' };

const certificates: Check = (value, prop) => {
  const kinds = Object.keys(certificateFields);
  const rule = `must be of one of the kinds ${kinds.join(', ')}`;
  const kind = isObject(value) ? value.kind : undefined;
  const check = kinds.includes(String(kind)) ? certificateFields[kind as Certificates['kind']] : undefined;
  if (!check) return [{ flag: prop, received: describe(kind ?? value), rule, remedy: 'make it with Certificates' }];
  const faults = check(value, prop);
  if (faults.length > 0) return faults;
  return checkProps(certificateFlags(value as Certificates)).map(({ code, ...fault }) => {
    return { ...fault, flag: `${prop}.${partNames[fault.flag as FlagKey] ?? fault.flag}` };
  });
};

const httpsUrl = must('be an https URL without user, query and fragment', (value) => {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return protocol === 'https:' && username === '' && password === '' && !/[?#]/.test(value);
});

const url: Check = (value, flag) => {
  const faults = httpsUrl(value, flag);
  if (faults.length > 0 || new URL(value as string).pathname !== '/') return faults;
  const rule = `must have a path: the webhook answers reviews at ${routes.mutate}`;
  return [{ flag, received: value as string, rule, remedy: `end it with ${routes.mutate}` }];
};

/** The checks, by prop. */
export const propChecks: { readonly [K in keyof Required<DeploymentProps>]: Check } = {
  compatibility: oneOf('2019', 'eks'),
  image: needed(matching(/^\S+$/, 'be the name of an image')),
  imagePullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
  imagePullSecrets: listOf(text),
  replicas: whole(0, maxReplicas),
  autoscaling: shape(
    { minReplicas: whole(1, maxReplicas), maxReplicas: whole(1, maxReplicas), cpuPercent: whole(1, 1000) },
    'maxReplicas',
  ),
  resources: shape({ requests: object, limits: object, claims: listOf(object) }),
  priorityClassName: must('be text', (value) => typeof value === 'string'),
  tolerations: listOf(object),
  affinity: object,
  nodeSelector: labels,
  topologySpreadConstraints: listOf(object),
  hostNetwork: bool,
  dnsPolicy: oneOf('ClusterFirst', 'ClusterFirstWithHostNet', 'Default'),
  volumes: listOf(object),
  volumeMounts: listOf(object),
  labels,
  annotations: texts,
  failurePolicy: oneOf('Ignore', 'Fail'),
  timeoutSeconds: whole(1, 30),
  reinvocationPolicy: oneOf('IfNeeded', 'Never'),
  namespaceSelector: object,
  objectSelector: object,
  matchConditions: listOf(shape({ name: text, expression: text }, 'name', 'expression')),
  url,
  certificates,
  identities: listOf(
    shape(
      {
        namespace: half,
        serviceAccount: half,
        roleArn: text,
        audience: text,
        useRegionalSts: bool,
        tokenExpiration: tokenLifetime,
      },
      'namespace',
      'serviceAccount',
      'roleArn',
    ),
  ),
  networkPolicy: shape({
    apiServerCidrs: listOf(cidr),
    apiServerPorts: listOf(whole(1, 65_535)),
    scraperNamespaces: object,
    egress: listOf(object),
  }),
  serviceMonitor: shape({ labels, interval: matching(/^(\d+(ms|[smhd]))+$/, 'be a length of time, as 30s') }),
  prometheusRule: shape({ labels }),
};
