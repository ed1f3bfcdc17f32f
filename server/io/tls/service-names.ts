/** IO: the names under which the API server reaches the webhook. Resolves none. */
import type { Config } from '../../../contract/flags.ts';

/** The Service in front of the webhook. */
export type ServiceRef = Pick<Config, 'serviceName' | 'namespace'>;

/**
 * Returns the names of the Service, first the one that the API server verifies.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
 */
export function serviceNames({ serviceName, namespace }: ServiceRef): readonly [string, ...string[]] {
  const inNamespace = `${serviceName}.${namespace}`;
  return [`${inNamespace}.svc`, serviceName, inNamespace, `${inNamespace}.svc.cluster.local`];
}
