/** Test cluster: the manifests that the suite sends, and what it reads in the pods that come back. Pure. */
import type { ApiObject } from './api-client.ts';

/** The parts of a pod that the suite looks at. */
export interface Pod {
  readonly metadata: { readonly name: string; readonly labels?: object; readonly annotations?: object };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
}

interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Volume {
  readonly name: string;
  readonly projected?: { readonly sources: readonly { readonly serviceAccountToken?: TokenRequest }[] };
}

/** How a pod asks for a token. */
export interface TokenRequest {
  readonly audience: string;
  readonly expirationSeconds: number;
  readonly path: string;
}

/** What a container was given. */
export interface Given {
  readonly container: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isMounted: boolean;
}

const volumeName = 'aws-token';
const mountPath = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
const variables = ['AWS_ROLE_ARN', 'AWS_IAM_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'];

/** Returns the ARN of a role of this name. */
export function roleArn(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}

/** Returns a service account, with a role if one is named. */
export function serviceAccount(name: string, role?: string): object {
  const annotations = role ? { 'eks.amazonaws.com/role-arn': roleArn(role) } : {};
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, annotations } };
}

/** Returns a pod of this account. Its image does not exist: most clusters of the suite run nothing. */
export function pod(name: string, account: string, spec: object = {}): object {
  const containers = [{ name: 'app', image: 'localhost/none:1', imagePullPolicy: 'Never' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { serviceAccountName: account, containers, ...spec },
  };
}

/** Returns the review that the API server sends when this pod is created. */
export function reviewOf(namespace: string, object: object): object {
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const request = { uid: 'u', kind, resource, namespace, operation: 'CREATE', object };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
}

/** Returns what each container should have been given for this role. */
export function expectedFor(created: Pod, role: string): readonly Given[] {
  const arn = roleArn(role);
  const env = { AWS_ROLE_ARN: arn, AWS_IAM_ROLE_ARN: arn, AWS_WEB_IDENTITY_TOKEN_FILE: `${mountPath}/token` };
  return containersOf(created).map(({ name }) => ({ container: name, env, isMounted: true }));
}

/** Returns what each container was given. */
export function readGiven(created: Pod): readonly Given[] {
  return containersOf(created).map(({ name, env = [], volumeMounts = [] }) => {
    const ours = env.filter((row) => variables.includes(row.name)).map((row) => [row.name, row.value] as const);
    const mount = volumeMounts.find((row) => row.name === volumeName);
    const isMounted = mount?.mountPath === mountPath && mount.readOnly === true;
    return { container: name, env: Object.fromEntries(ours), isMounted };
  });
}

/** Says whether every container was given all that this role gives. */
export function isMutatedFor(created: Pod, role: string): boolean {
  return JSON.stringify(readGiven(created)) === JSON.stringify(expectedFor(created, role));
}

/** Returns the token that the pod's volume asks for, undefined when it has no such volume. */
export function tryReadTokenRequest(created: Pod): TokenRequest | undefined {
  const volume = created.spec.volumes?.find((row) => row.name === volumeName);
  return volume?.projected?.sources[0]?.serviceAccountToken;
}

/** Says whether anything of an identity is in the pod. */
export function hasIdentity(created: Pod): boolean {
  return (
    tryReadTokenRequest(created) !== undefined ||
    readGiven(created).some((row) => row.isMounted || 'AWS_ROLE_ARN' in row.env)
  );
}

/** Returns the pod's labels, annotations and spec without what the webhook adds and without what differs by chance. */
export function withoutIdentity(created: Pod): object {
  const { metadata, spec } = created;
  const stripped = {
    ...spec,
    containers: spec.containers.map(strip),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(strip) }),
    volumes: spec.volumes?.filter((row) => row.name !== volumeName),
  };
  const text = JSON.stringify({ labels: metadata.labels, annotations: metadata.annotations, spec: stripped });
  return JSON.parse(text.replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access')) as object;
}

/** Returns an answer's body as a pod. @throws when it is none, with what it says instead */
export function asPod(body: ApiObject): Pod {
  if (body.kind === 'Pod') return body as unknown as Pod;
  throw new Error(`not a pod: ${JSON.stringify(body)}`);
}

function strip(container: Container): Container {
  const { env = [], volumeMounts = [], ...rest } = container;
  const kept = env.filter((row) => !variables.includes(row.name));
  const mounts = volumeMounts.filter((row) => row.name !== volumeName);
  return { ...rest, ...(kept.length > 0 && { env: kept }), ...(mounts.length > 0 && { volumeMounts: mounts }) };
}

function containersOf(created: Pod): readonly Container[] {
  return [...(created.spec.initContainers ?? []), ...created.spec.containers];
}
