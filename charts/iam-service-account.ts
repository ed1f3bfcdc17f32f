/** Charts: a ServiceAccount whose pods have a role. */
import { ServiceAccount, type ServiceAccountProps } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { PodIdentity, type PodIdentityOptions } from './pod-identity.ts';

/** What a ServiceAccount of cdk8s-plus takes, and its pods' identity. */
export interface IamServiceAccountProps extends ServiceAccountProps, PodIdentityOptions {}

/** A ServiceAccount of cdk8s-plus whose pods get AWS credentials. Wrong props fail at synth, all at once. */
export class IamServiceAccount extends ServiceAccount {
  constructor(scope: Construct, id: string, props: IamServiceAccountProps) {
    const { metadata, secrets, automountToken, ...identity } = props;
    super(scope, id, props);
    PodIdentity.of(this).annotate(identity);
  }
}
