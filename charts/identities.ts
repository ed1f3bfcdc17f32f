/** Charts: the ConfigMap of identities, in kOps' format, as server/core/config-map.ts reads it. */
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { identityConfigMap } from '../contract/access.ts';
import { given } from './given.ts';
import { metadata, type Settings } from './settings.ts';
import type { IdentityEntry } from './webhook-props.ts';

/** The ConfigMap that gives identities to service accounts without annotations. */
export class WebhookIdentities extends k8s.KubeConfigMap {
  constructor(scope: Construct, id: string, settings: Settings & { readonly options: readonly IdentityEntry[] }) {
    const identities = Object.fromEntries(settings.options.map((entry) => [identityKey(entry), identity(entry)]));
    super(scope, id, {
      metadata: metadata(settings, identityConfigMap),
      data: { config: `${JSON.stringify(identities, undefined, 2)}\n` },
    });
  }
}

/** Returns the key of the entry, which no other may have. */
export function identityKey({ namespace, serviceAccount }: IdentityEntry): string {
  return `${namespace}/${serviceAccount}`;
}

function identity({ roleArn, audience, useRegionalSts, tokenExpiration }: IdentityEntry) {
  return given({
    RoleARN: roleArn,
    Audience: audience,
    UseRegionalSTS: useRegionalSts,
    TokenExpiration: tokenExpiration,
  });
}
