/** Test cluster: the network namespace that holds the cluster, and the link to this machine. Reaches no other machine. */
import { existsSync } from 'node:fs';
import { addresses, names } from './layout.ts';
import { run } from './processes.ts';

const { networkNamespace, link } = names;

/** Makes the namespace and the link. Services get a route so that the node's kube-proxy sees what is sent to them. */
export async function createNetwork(): Promise<void> {
  await ip('netns', 'add', networkNamespace);
  await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', networkNamespace);
  await ip('address', 'add', `${addresses.peer}/24`, 'dev', link);
  await ip('link', 'set', link, 'up');
  await inside('link', 'set', 'lo', 'up');
  await inside('address', 'add', `${addresses.apiServer}/24`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
  await inside('route', 'add', addresses.services, 'dev', 'eth0');
  const forward = 'echo 1 > /proc/sys/net/ipv4/ip_forward';
  await run('nsenter', [`--net=/run/netns/${networkNamespace}`, 'sh', '-c', forward]);
}

/** Removes both; what is not there is left at that. */
export async function removeNetwork(): Promise<void> {
  if (existsSync(`/sys/class/net/${link}`)) await ip('link', 'delete', link);
  if (existsSync(`/run/netns/${networkNamespace}`)) await ip('netns', 'delete', networkNamespace);
}

/** Returns the ids of the processes that are in the namespace. */
export async function listInside(): Promise<readonly number[]> {
  if (!existsSync(`/run/netns/${networkNamespace}`)) return [];
  return (await run('ip', ['netns', 'pids', networkNamespace])).split('\n').filter(Boolean).map(Number);
}

function ip(...args: readonly string[]): Promise<string> {
  return run('ip', args);
}

function inside(...args: readonly string[]): Promise<string> {
  return run('ip', ['-netns', networkNamespace, ...args]);
}
