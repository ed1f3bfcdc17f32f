/** Bench: what Linux says of a process: its CPU time, its priority and its memory. */
import fs from 'node:fs';

/** Linux counts a process's CPU time in hundredths of a second, whatever the kernel's own clock does. @see proc(5), USER_HZ */
const ticksPerSecond = 100;

/** Returns the CPU time, user and system, of all threads since the process began, in seconds. */
export function cpuSeconds(pid: number | 'self'): number {
  const fields = statFields(`${pid}`);
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Returns the niceness, -20 to 19, of the thread with this number in the process's `task` folder. */
export function threadNiceness(pid: number, thread: string): number {
  return Number(statFields(`${pid}/task/${thread}`)[16]);
}

/** Returns the fields of proc(5)'s stat from the third on, so that field n is at n - 3: the second, the name in brackets, may hold spaces. */
function statFields(path: string): readonly string[] {
  const stat = fs.readFileSync(`/proc/${path}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/**
 * Returns for how long the process's main thread has been ready to run and had no core, in seconds.
 * @see https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
 */
export function coreWaitSeconds(pid: number): number {
  return Number(fs.readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[1]) / 1e9;
}

/** Resident memory of a process, in MB of 10^6 bytes. */
export interface ResidentMemory {
  readonly nowMb: number;
  readonly peakMb: number;
}

/** Returns VmRSS and VmHWM. */
export function residentMemory(pid: number): ResidentMemory {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'latin1');
  const mb = (field: string) => (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  return { nowMb: mb('VmRSS'), peakMb: mb('VmHWM') };
}
