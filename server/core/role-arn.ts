/** Core: role ARNs, whole as an account gives them or composed of what it gives and where the webhook runs. */
import type { IdentityFacts } from './types.ts';

const roleArnPattern = /^arn:aws[a-z0-9-]*:iam::\d{12}:role\/[\w+=,.@/-]*[\w+=,.@-]$/;

/** Says whether the text is the ARN of an IAM role. */
export function isRoleArn(text: string): boolean {
  return roleArnPattern.test(text);
}

/** Returns the role of the account as written, or undefined; its annotation wins over the ConfigMap. */
export function writtenRole(facts: IdentityFacts, annotation: string): string | undefined {
  return facts.annotations[annotation] || facts.configMap?.roleArn || undefined;
}

/** Says whether the role is only a path and a name, to be composed where `--compose-role-arn` is on. */
export function isPartOfArn(role: string): boolean {
  return !role.startsWith('arn:');
}

/** Where roles are, all but the path and name that accounts give. */
export interface RoleHome {
  /** `aws`, `aws-cn`, `aws-us-gov`, ... */
  readonly partition: string;
  readonly accountId: string;
  /** With a slash at both ends. */
  readonly path: string;
}

/** Returns what comes before the paths and names that accounts give. */
export function roleArnPrefix({ partition, accountId, path }: RoleHome): string {
  return `arn:${partition}:iam::${accountId}:role${path}`;
}

/** Returns the whole ARN of a path and name. */
export function composeRoleArn(prefix: string, role: string): string {
  return prefix + role.replace(/^\/+/, '');
}
