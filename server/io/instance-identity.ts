/** IO: the AWS account and partition that the webhook runs in, from EC2 instance metadata, version 2 only. Does not try again. */
import type { Clock } from '../ports.ts';
import { messageOf } from './system-error.ts';

/** What asking the metadata service needs. */
export interface MetadataOptions {
  /** AWS_EC2_METADATA_SERVICE_ENDPOINT, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE and AWS_EC2_METADATA_DISABLED are read, as by AWS SDKs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The AWS account and partition of an instance. */
export interface InstanceIdentity {
  readonly accountId: string;
  readonly partition: string;
}

/** The service is on the same host: what takes longer does not come. A token's answer that has too few hops never does. */
const answerMs = 2000;
const tokenSeconds = '60';

/** Partitions by the beginning of their regions' names, for services that do not tell the partition; all others are in `aws`. */
const partitions: readonly (readonly [region: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
  ['eusc-', 'aws-eusc'],
];

/**
 * Returns the account and the partition, or why they cannot be had. Never rejects.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
export async function readInstanceIdentity(
  options: MetadataOptions,
): Promise<InstanceIdentity | { readonly failure: string }> {
  const { env } = options;
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return { failure: 'AWS_EC2_METADATA_DISABLED is true' };
  const endpoint = endpointOf(env);
  if (!URL.canParse(endpoint)) return { failure: `AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL: ${endpoint}` };
  try {
    return await read(endpoint.replace(/\/+$/, ''), options);
  } catch (error) {
    return { failure: `${endpoint}: ${messageOf(error)}` };
  }
}

function endpointOf(env: MetadataOptions['env']): string {
  const isIpv6 = env.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase() === 'ipv6';
  return env.AWS_EC2_METADATA_SERVICE_ENDPOINT || (isIpv6 ? 'http://[fd00:ec2::254]' : 'http://169.254.169.254');
}

async function read(endpoint: string, options: MetadataOptions): Promise<InstanceIdentity> {
  const ask = asker(endpoint, options);
  const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': tokenSeconds };
  const token = good(await ask('/latest/api/token', { method: 'PUT', headers: ttl }));
  const headers = { 'x-aws-ec2-metadata-token': token };
  const { accountId, region } = readDocument(
    good(await ask('/latest/dynamic/instance-identity/document', { headers })),
  );
  const told = await ask('/latest/meta-data/services/partition', { headers });
  const partition = told.status === 404 ? partitionOf(region) : good(told).trim();
  if (!/^aws[a-z0-9-]*$/.test(partition)) throw new Error('the partition is not one of AWS');
  return { accountId, partition };
}

interface Answer {
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

/** Returns a function that asks within the time limit. */
function asker(endpoint: string, { clock, signal }: MetadataOptions) {
  return async (path: string, init: RequestInit): Promise<Answer> => {
    const limit = new AbortController();
    const callOff = clock.after(answerMs, () => limit.abort(new Error(`${path}: no answer within ${answerMs} ms`)));
    try {
      const both = AbortSignal.any([signal, limit.signal]);
      const response = await fetch(endpoint + path, { ...init, redirect: 'error', signal: both });
      return { path, status: response.status, text: await response.text() };
    } catch (error) {
      limit.signal.throwIfAborted();
      throw new Error(`${path}: ${messageOf((error as Error).cause ?? error)}`);
    } finally {
      callOff();
    }
  };
}

function good({ path, status, text }: Answer): string {
  if (status !== 200) throw new Error(`${path}: status ${status}`);
  return text;
}

function readDocument(text: string): { readonly accountId: string; readonly region: string } {
  const { accountId, region } = (tryParse(text) ?? {}) as { accountId?: unknown; region?: unknown };
  if (typeof accountId !== 'string' || !/^\d{12}$/.test(accountId) || typeof region !== 'string') {
    throw new Error('the instance identity document names no account and region');
  }
  return { accountId, region };
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function partitionOf(region: string): string {
  return partitions.find(([start]) => region.startsWith(start))?.[1] ?? 'aws';
}
