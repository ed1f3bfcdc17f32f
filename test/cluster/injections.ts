/** Test cluster: what other webhooks do to pods: sidecars, mounts, and the conventions of the Go webhook. Pure. */
import type { InjectedSpec, Injection } from './injector.ts';
import { roleArn } from './pods.ts';

/** Where the token is, in both webhooks. */
export const mountPath = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
/** The Go webhook's name of the token volume. */
export const goVolumeName = 'aws-iam-token';

const sidecar = { name: 'sidecar', image: 'localhost/none:1', imagePullPolicy: 'Never' };

/** Adds a container, once. */
export const addSidecar: Injection = (spec) =>
  spec.containers.some(({ name }) => name === sidecar.name)
    ? spec
    : { ...spec, containers: [...spec.containers, sidecar] };

/** Mounts an empty folder where the token would be. */
export const takePath: Injection = (spec) => withMount(spec, { name: 'elsewhere', mountPath });

/** Brings a volume of the name that the token's would have. */
export const takeName: Injection = (spec) => withMount(spec, { name: goVolumeName, mountPath: '/cache' });

/** Does what the Go webhook does for the account whose role has this name: it goes by names alone. */
export function asGoWebhook(role: string): Injection {
  const env = [
    { name: 'AWS_ROLE_ARN', value: roleArn(role) },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${mountPath}/token` },
  ];
  const mount = { name: goVolumeName, mountPath, readOnly: true };
  const token = { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' };
  const volume = { name: goVolumeName, projected: { sources: [{ serviceAccountToken: token }] } };
  return (spec) => ({
    ...spec,
    containers: spec.containers.map((container) => ({
      ...container,
      env: addNamed(container.env, env),
      volumeMounts: addNamed(container.volumeMounts, [mount]),
    })),
    volumes: addNamed<NonNullable<InjectedSpec['volumes']>[number]>(spec.volumes, [volume]),
  });
}

function withMount(spec: InjectedSpec, mount: { readonly name: string; readonly mountPath: string }): InjectedSpec {
  return {
    ...spec,
    containers: spec.containers.map((container) => ({
      ...container,
      volumeMounts: addNamed(container.volumeMounts, [mount]),
    })),
    volumes: addNamed<NonNullable<InjectedSpec['volumes']>[number]>(spec.volumes, [{ name: mount.name, emptyDir: {} }]),
  };
}

/** Returns the list with those of the others whose name it lacks. */
function addNamed<T extends { readonly name: string }>(list: readonly T[] = [], others: readonly T[]): readonly T[] {
  return [...list, ...others.filter(({ name }) => !list.some((item) => item.name === name))];
}
