/** Bench: AdmissionReviews of pods as an API server sends them, in a few sizes. Sends nothing. */
import { type Account, account, roleEvery } from './accounts.ts';

type Json = Readonly<Record<string, unknown>>;

/** How large a pod is. */
interface Shape {
  /** The size of the review that it makes, in bytes of JSON; kept within 5 %. */
  readonly bytes: number;
  readonly containers: number;
  readonly envVars: number;
  readonly hasProbes: boolean;
  readonly hasManagedFields: boolean;
}

/**
 * `small` is about the least that a Deployment's pod can be, `medium` a service with two sidecars, `large` what
 * operators of data platforms make.
 */
export const shapes = {
  small: { bytes: 2_800, containers: 1, envVars: 4, hasProbes: false, hasManagedFields: false },
  medium: { bytes: 11_000, containers: 3, envVars: 13, hasProbes: true, hasManagedFields: true },
  large: { bytes: 163_000, containers: 14, envVars: 69, hasProbes: true, hasManagedFields: true },
} as const satisfies Readonly<Record<string, Shape>>;

/** What reviews a load is made of: one size, all with a role; or small and medium ones, one in five with a role. */
export type Load = keyof typeof shapes | 'mix';

/** A review and whose it is. */
export interface Sample {
  readonly account: Account;
  readonly review: Json;
}

/** The uid of every review as built; its last twelve digits are overwritten for each request. */
export const uidPlaceholder = '705ab4f5-6393-11e8-b7cc-000000000000';

/** Returns the reviews that a load repeats. */
export function samples(load: Load): readonly Sample[] {
  if (load !== 'mix') return [0, 1, 2, 3].map((index) => sample(load, index * roleEvery));
  return Array.from({ length: 10 }, (_, index) => sample(index % 2 === 0 ? 'small' : 'medium', index));
}

/** Returns the review of the creation of a pod of the account of that number. */
export function sample(size: keyof typeof shapes, accountIndex: number): Sample {
  const owner = account(accountIndex);
  return { account: owner, review: review(pod(shapes[size], owner), owner) };
}

function review(object: Json, { namespace }: Account): Json {
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const resource = { group: '', version: 'v1', resource: 'pods' };
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: uidPlaceholder,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      namespace,
      operation: 'CREATE',
      userInfo: {
        username: 'system:serviceaccount:kube-system:replicaset-controller',
        uid: '6a1f0c9e-52a3-4b0a-9d0d-3f0c2d1e7b11',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
      },
      object,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  };
}

function pod(shape: Shape, { namespace, name }: Account): Json {
  const containers = Array.from({ length: shape.containers }, (_, index) => container(shape, index));
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      generateName: `${name}-5d9c7b8f6d-`,
      namespace,
      creationTimestamp: null,
      labels: { app: name, 'pod-template-hash': '5d9c7b8f6d' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${name}-5d9c7b8f6d`,
          uid: 'b8d2f6a4-0a53-4a4e-9f05-1c2b3d4e5f60',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      ...(shape.hasManagedFields && { managedFields: [managedFields(containers)] }),
    },
    spec: { ...podDefaults, volumes, containers, serviceAccountName: name, serviceAccount: name },
    status: {},
  };
}

/** What the API server has filled in by the time it calls webhooks. */
const podDefaults = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  schedulerName: 'default-scheduler',
  tolerations: ['not-ready', 'unreachable'].map((state) => ({
    key: `node.kubernetes.io/${state}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  })),
  priority: 0,
  enableServiceLinks: true,
  preemptionPolicy: 'PreemptLowerPriority',
} as const;

const volumes = [
  {
    name: 'kube-api-access-x7k2p',
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  },
] as const;

interface Container extends Json {
  readonly name: string;
  readonly env: readonly (Json & { readonly name: string })[];
}

function container({ envVars, hasProbes }: Shape, index: number): Container {
  const probe = { httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10 };
  return {
    name: `app-${index}`,
    image: `registry.example.com/team/app-${index}:v1.2.${index}`,
    ports: [{ name: `http-${index}`, containerPort: 8080 + index, protocol: 'TCP' }],
    env: Array.from({ length: envVars }, (_, number) => envVar(number)),
    resources: { limits: { memory: '512Mi' }, requests: { cpu: '100m', memory: '256Mi' } },
    volumeMounts: [
      { name: 'kube-api-access-x7k2p', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ],
    ...(hasProbes && { livenessProbe: probe, readinessProbe: probe }),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  };
}

/** One in four comes from a Secret, as passwords do. */
function envVar(number: number): Container['env'][number] {
  const name = `SETTING_NUMBER_${number}`;
  const isSecret = number % 4 === 3;
  if (isSecret) return { name, valueFrom: { secretKeyRef: { name: 'settings', key: `key-${number}` } } };
  return { name, value: `https://backend-${number}.example.svc:8443/path` };
}

function managedFields(containers: readonly Container[]): Json {
  const owned = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, {}]));
  const names = ['f:image', 'f:imagePullPolicy', 'f:name', 'f:resources', 'f:terminationMessagePath'];
  const entry = ({ name, env }: Container): [string, Json] => [
    `k:{"name":"${name}"}`,
    {
      '.': {},
      'f:env': Object.fromEntries(
        env.map((variable) => [`k:{"name":"${variable.name}"}`, owned(['.', 'f:name', 'f:value'])]),
      ),
      ...owned(names),
    },
  ];
  return {
    manager: 'kube-controller-manager',
    operation: 'Update',
    apiVersion: 'v1',
    time: '2025-05-01T12:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': { 'f:generateName': {}, 'f:labels': owned(['.', 'f:app', 'f:pod-template-hash']) },
      'f:spec': {
        'f:containers': Object.fromEntries(containers.map(entry)),
        ...owned(['f:dnsPolicy', 'f:restartPolicy']),
      },
    },
  };
}
