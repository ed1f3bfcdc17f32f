/** Charts: what props must fulfil together. Each is good by itself. */
import { certificateFlags } from './certificates.ts';
import type { PropFault } from './checks.ts';
import { identityKey } from './identities.ts';
import { firstFreePort } from './pod.ts';
import { defaultReplicas, type Settings, settle } from './settings.ts';
import type { PodIdentityWebhookProps } from './webhook-props.ts';

type CrossCheck = (settings: Settings) => readonly PropFault[];

/** Returns what is wrong with props that are good each by itself. @param namespace where the props name none */
export function checkTogether(props: PodIdentityWebhookProps, namespace: string): readonly PropFault[] {
  const settings = settle(props, namespace);
  return crossChecks.flatMap((check) => check(settings));
}

/** Flags that do something only outside a cluster, or end the program. */
const outside: CrossCheck = ({ config }) => [
  ...unless(config.inCluster, {
    flag: 'inCluster',
    received: 'false',
    rule: 'must be true in a pod',
    remedy: 'leave it out',
  }),
  ...unless(config.identitiesFrom === '', {
    flag: 'identitiesFrom',
    received: config.identitiesFrom,
    rule: 'is for a webhook outside a cluster',
    remedy: 'leave it out, and give identities instead',
  }),
  ...unless(!config.version, {
    flag: 'version',
    received: 'true',
    rule: 'makes the program print its version and end, so the pods would restart for ever',
    remedy: 'leave it out',
  }),
];

const timeout: CrossCheck = ({ timeoutSeconds, config }) => {
  const graceSeconds = config.serviceAccountLookupGracePeriod.toMilliseconds() / 1000;
  return unless(timeoutSeconds > graceSeconds, {
    flag: 'timeoutSeconds',
    received: String(timeoutSeconds),
    rule: `must be more than serviceAccountLookupGracePeriod, which is ${graceSeconds} s`,
    remedy: 'give a longer one, or a shorter grace period',
  });
};

const urlTrust: CrossCheck = ({ props, mode }) =>
  unless(!props.url || mode === 'files', {
    flag: 'url',
    received: props.url ?? '',
    rule: 'needs certificates that others make: those that the webhook asks for or makes are for its Service alone',
    remedy: 'give certificates: Certificates.certManager() or Certificates.secret(...), or leave url out',
  });

/** By these annotations cert-manager's injector fills in the caBundle. @see https://cert-manager.io/docs/concepts/ca-injector/ */
const injected = /^cert-manager\.io\/inject-(ca-from|ca-from-secret|apiserver-ca)$/;

/** A machine trusts no CA that would sign for the name of a Service, so the registration must name one. */
const secretTrust: CrossCheck = ({ props: { certificates, url, annotations = {} } }) =>
  unless(
    certificates?.kind !== 'secret' ||
      certificates.caBundle !== undefined ||
      url !== undefined ||
      Object.keys(annotations).some((name) => injected.test(name)),
    {
      flag: 'certificates.caBundle',
      rule: 'must be given: without it no API server trusts the certificate for the name of a Service',
      remedy: 'give the CA in PEM, or annotations with cert-manager.io/inject-ca-from or inject-ca-from-secret',
    },
  );

const urlMonitor: CrossCheck = ({ props }) =>
  unless(!props.url || !props.serviceMonitor, {
    flag: 'serviceMonitor',
    rule: 'finds the webhook by its Service, and with url there is none',
    remedy: 'leave one of them out',
  });

const scale: CrossCheck = ({ props: { autoscaling, replicas } }) => {
  if (!autoscaling) return [];
  const { minReplicas = defaultReplicas, maxReplicas } = autoscaling;
  return [
    ...unless(replicas === undefined, {
      flag: 'replicas',
      received: String(replicas),
      rule: 'has no meaning with autoscaling',
      remedy: 'give autoscaling.minReplicas instead',
    }),
    ...unless(minReplicas <= maxReplicas, {
      flag: 'autoscaling.maxReplicas',
      received: String(maxReplicas),
      rule: `must be at least minReplicas, which is ${minReplicas}`,
      remedy: 'give more, or fewer minReplicas',
    }),
  ];
};

const closed: CrossCheck = ({ props: { failurePolicy }, replicas }) =>
  unless(failurePolicy !== 'Fail' || replicas > 0, {
    flag: 'failurePolicy',
    received: 'Fail',
    rule: 'needs a pod that answers, and replicas is 0: no pod could be created',
    remedy: 'give replicas, or leave one of them out',
  });

const hostPorts: CrossCheck = ({ props, config }) =>
  (['port', 'metricsPort'] as const).flatMap((flag) =>
    unless(!props.hostNetwork || config[flag] === 0 || config[flag] >= firstFreePort, {
      flag,
      received: String(config[flag]),
      rule: `must be ${firstFreePort} or more with hostNetwork: below, a port of the node takes a privilege`,
      remedy: 'give such a port',
    }),
  );

const identities: CrossCheck = ({ props }) => {
  const keys = props.identities?.map(identityKey) ?? [];
  return [
    ...unless(!props.identities || props.watchConfigMap !== false, {
      flag: 'watchConfigMap',
      received: 'false',
      rule: 'must be true with identities: they are in the ConfigMap',
      remedy: 'leave it out',
    }),
    ...keys.flatMap((key, at) =>
      unless(keys.indexOf(key) === at, {
        flag: `identities[${at}]`,
        received: key,
        rule: `is said already by identities[${keys.indexOf(key)}]`,
        remedy: 'keep one of them',
      }),
    ),
  ];
};

/** A flag that `certificates` sets may not be given beside it. */
const certificates: CrossCheck = ({ props }) => {
  if (!props.certificates) return [];
  const { kind } = props.certificates;
  const set = new Set([...Object.keys(certificateFlags(props.certificates)), 'csrSigner', 'tlsCert', 'tlsKey']);
  const given = (['csrSigner', 'tlsCert', 'tlsKey', 'tlsSecret', 'caDuration', 'leafDuration'] as const).filter(
    (flag) => props[flag] !== undefined && set.has(flag),
  );
  return given.map((flag) => ({
    flag,
    received: flag.endsWith('Duration') ? 'a Duration' : String(props[flag]),
    rule: `is decided by certificates, which are of the kind ${kind}`,
    remedy: 'say it there, and leave this out',
  }));
};

/** Files are in volumes: the root of the container's file system is read-only, and the image has none of them. */
const files: CrossCheck = ({ props }) => {
  // those of a certificate are beside the point where certificates decides them
  const flags = props.certificates ? volumeFlags : ([...volumeFlags, 'tlsCert', 'tlsKey'] as const);
  const folders = props.volumeMounts?.map(({ mountPath }) => `${mountPath}/`.replace(/\/+$/, '/')) ?? [];
  return flags.flatMap((flag) => {
    const path = props[flag] ?? '';
    return unless(path === '' || folders.some((folder) => `${path}/`.startsWith(folder)), {
      flag,
      received: path,
      rule: 'must be in a volume: the root file system of the container is read-only',
      remedy: 'give volumes and volumeMounts for it',
    });
  });
};

const volumeFlags = ['logDir', 'logFile', 'watchContainerCredentialsConfig'] as const;
const crossChecks = [
  outside,
  timeout,
  urlTrust,
  secretTrust,
  urlMonitor,
  scale,
  closed,
  hostPorts,
  identities,
  certificates,
  files,
];

function unless(isGood: boolean, fault: PropFault): readonly PropFault[] {
  return isGood ? [] : [fault];
}
