/** Charts: the webhook's pods, by the restricted Pod Security Standard. */
import { k8s } from 'cdk8s-plus-27';
import { flagArgs } from '../contract/args.ts';
import { routes } from '../contract/routes.ts';
import { certManagerSecret } from './cert-manager.ts';
import { certificateFolder } from './certificates.ts';
import { given } from './given.ts';
import { portNames, skipLabel } from './labels.ts';
import { metadata, type Settings } from './settings.ts';
import { topologySpread } from './spread.ts';

/** A user and group that no image and no machine gives to anybody: not root is all that counts. */
const userId = 65_532;
/** Below it a port takes a privilege, on a node and under some container runtimes. */
export const firstFreePort = 1024;
/** How much longer than the drain the kubelet waits before it kills, in seconds. */
const graceMarginSeconds = 5;
/** The lifetime of the webhook's own token, in seconds, as that of tokens mounted by default. */
const tokenSeconds = 3607;
/** The private key is for the pod's group alone: fsGroup makes it the group of the files. */
const keyMode = 0o440;
const volumeNames = { token: 'kube-api-access', certificate: 'certificate' };
/** Where in-cluster clients look for it. */
const tokenFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Returns the template of the webhook's pods. */
export function podTemplate(settings: Settings): k8s.PodTemplateSpec {
  const { labels, annotations } = metadata(settings);
  // so that no registration whatever asks a webhook about its own pods: it could not start where pods fail closed
  return { metadata: given({ labels: { ...labels, [skipLabel]: 'true' }, annotations }), spec: podSpec(settings) };
}

function podSpec(settings: Settings): k8s.PodSpec {
  const { props, config } = settings;
  const { hostNetwork = false, dnsPolicy = hostNetwork ? 'ClusterFirstWithHostNet' : undefined } = props;
  return given({
    serviceAccountName: config.serviceName,
    automountServiceAccountToken: false,
    priorityClassName: (props.priorityClassName ?? 'system-cluster-critical') || undefined,
    terminationGracePeriodSeconds: graceSeconds(config),
    hostNetwork: hostNetwork || undefined,
    dnsPolicy,
    imagePullSecrets: props.imagePullSecrets?.map((name) => ({ name })),
    nodeSelector: props.nodeSelector && { ...props.nodeSelector },
    tolerations: props.tolerations && [...props.tolerations],
    affinity: props.affinity,
    topologySpreadConstraints: topologySpread(settings),
    securityContext: podSecurity(settings),
    containers: [container(settings)],
    volumes: volumes(settings),
  });
}

/** Returns how long the kubelet lets a pod drain, in seconds: longer than the drain itself takes. */
function graceSeconds({ shutdownDelayDuration, shutdownTimeout }: Settings['config']): number {
  const drainMs = shutdownDelayDuration.toMilliseconds() + shutdownTimeout.toMilliseconds();
  return Math.ceil(drainMs / 1000) + graceMarginSeconds;
}

function podSecurity({ props, config }: Settings): k8s.PodSecurityContext {
  const ports = [config.port, ...(config.metricsPort === 0 ? [] : [config.metricsPort])];
  const isPrivileged = Math.min(...ports) < firstFreePort && !props.hostNetwork;
  return {
    runAsNonRoot: true,
    runAsUser: userId,
    runAsGroup: userId,
    fsGroup: userId,
    seccompProfile: { type: 'RuntimeDefault' },
    ...(isPrivileged && { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] }),
  };
}

function container({ props, flags, config, mode }: Settings): k8s.Container {
  const certificate = { name: volumeNames.certificate, mountPath: certificateFolder, readOnly: true };
  const metrics = { name: portNames.metrics, containerPort: config.metricsPort };
  return given({
    name: 'webhook',
    image: props.image,
    imagePullPolicy: props.imagePullPolicy,
    args: flagArgs(flags),
    ports: [{ name: portNames.reviews, containerPort: config.port }, ...(config.metricsPort === 0 ? [] : [metrics])],
    resources: resources(props.resources),
    ...probes(),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: volumeNames.token, mountPath: tokenFolder, readOnly: true },
      ...(mode === 'files' && props.certificates ? [certificate] : []),
      ...(props.volumeMounts ?? []),
    ],
  });
}

function resources({ requests = {}, limits = {}, ...rest }: k8s.ResourceRequirements = {}): k8s.ResourceRequirements {
  const { fromString } = k8s.Quantity;
  return {
    ...rest,
    requests: { cpu: fromString('50m'), memory: fromString('80Mi'), ...given(requests) },
    limits: { cpu: fromString('1'), memory: fromString('256Mi'), ...given(limits) },
  };
}

/**
 * Returns the probes. Alive does not depend on the API server or the certificate, so the wait for the approval of a
 * signing request kills no pod.
 */
function probes(): Pick<k8s.Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'> {
  const port = k8s.IntOrString.fromString(portNames.reviews);
  const ask = (path: string): k8s.Probe => ({ httpGet: { path, port, scheme: 'HTTPS' }, timeoutSeconds: 5 });
  return {
    startupProbe: { ...ask(routes.livez), periodSeconds: 1, failureThreshold: 60 },
    livenessProbe: { ...ask(routes.livez), periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...ask(routes.readyz), periodSeconds: 2, failureThreshold: 2 },
  };
}

function volumes(settings: Settings): k8s.Volume[] {
  const { props, config, mode } = settings;
  const secretName = props.certificates?.kind === 'cert-manager' ? certManagerSecret(settings) : config.tlsSecret;
  const certificate = { name: volumeNames.certificate, secret: { secretName, defaultMode: keyMode } };
  return [
    { name: volumeNames.token, projected: { sources: tokenSources() } },
    ...(mode === 'files' && props.certificates ? [certificate] : []),
    ...(props.volumes ?? []),
  ];
}

/** Returns what Kubernetes mounts by default, which a policy may forbid: token, CA and namespace. */
function tokenSources(): k8s.VolumeProjection[] {
  return [
    { serviceAccountToken: { path: 'token', expirationSeconds: tokenSeconds } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardApi: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] },
    },
  ];
}
