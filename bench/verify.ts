/** Bench: says whether a reply does what it must, so that no wrong answer is counted as a fast one. */
import jsonPatch, { type Operation } from 'fast-json-patch';
import type { Response } from './response-reader.ts';
import type { Sample } from './reviews.ts';

interface Container {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly { readonly name: string }[];
}

interface Pod {
  readonly spec: {
    readonly containers: readonly Container[];
    readonly volumes?: readonly { readonly name: string; readonly projected?: unknown }[];
  };
}

/** What a reply is measured by. */
export interface Expectation {
  readonly sample: Sample;
  readonly uid: string;
  /** Whether the server patches pods of accounts with a role; the bare one patches none. */
  readonly isPatching: boolean;
}

/** Returns what is wrong with the reply, or undefined. */
export function wrongReply({ status, body }: Response, { sample, uid, isPatching }: Expectation): string | undefined {
  if (status !== 200) return `status ${status}: ${body.toString().slice(0, 200)}`;
  const { response } = JSON.parse(body.toString());
  if (response?.uid !== uid) return `uid ${response?.uid} instead of ${uid}`;
  if (response.allowed !== true) return 'not allowed';
  const { roleArn } = sample.account;
  const operations = decodePatch(response.patch);
  if (!isPatching || roleArn === undefined) return operations.length === 0 ? undefined : 'a patch where none is due';
  const before = (sample.review.request as { readonly object: Pod }).object;
  return wrongPod(jsonPatch.applyPatch(before, operations, true, false).newDocument, roleArn);
}

/** Returns whether the reply carries a patch. */
export function isPatched({ status, body }: Response): boolean {
  return status === 200 && decodePatch(JSON.parse(body.toString()).response?.patch).length > 0;
}

function decodePatch(patch: string | undefined): Operation[] {
  return patch ? JSON.parse(Buffer.from(patch, 'base64').toString()) : [];
}

function wrongPod({ spec }: Pod, roleArn: string): string | undefined {
  const added = spec.volumes?.find((volume) => volume.projected && !volume.name.startsWith('kube-api-access'));
  if (added === undefined) return 'no token volume';
  for (const { env = [], volumeMounts = [] } of spec.containers) {
    if (env.find(({ name }) => name === 'AWS_ROLE_ARN')?.value !== roleArn) return 'a container without AWS_ROLE_ARN';
    if (!env.some(({ name }) => name === 'AWS_WEB_IDENTITY_TOKEN_FILE')) return 'a container without the token file';
    if (!volumeMounts.some(({ name }) => name === added.name)) return 'a container without the mount';
  }
  return undefined;
}
