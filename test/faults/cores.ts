/** Fault suites: keeps processes to cores of their own, so that one's computing is not taken for another's. Linux only; else nothing is kept. */
import { execFileSync } from 'node:child_process';
import os from 'node:os';

/** With one core, or no taskset, all share what there is. */
const isSeparable = os.platform() === 'linux' && os.availableParallelism() > 1;
const cores = { server: 0, clients: 1 } as const;

/** Becomes, on the core that is the server's, the command written after it. */
export const serverLauncher: readonly string[] = isSeparable ? ['taskset', '-c', String(cores.server)] : [];

/**
 * Becomes, on the clients' core, the command written after it, which has all of that core but what the good clients need: it
 * gives way at once when one of them wakes up.
 */
export const attackerLauncher: readonly string[] = isSeparable
  ? ['taskset', '-c', String(cores.clients), 'chrt', '--idle', '0']
  : [];

/** Keeps this process, and what it starts from now on without a launcher, to the clients' core. */
export function keepToClientsCore(): void {
  if (!isSeparable) return;
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(cores.clients), String(process.pid)]);
}
