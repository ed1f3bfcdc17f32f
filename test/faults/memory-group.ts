/** Fault suites: a control group that limits a process's memory, of either version of cgroups. Starts no process itself. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { end, tryIdentify } from '../cluster/processes.ts';

/** Where a group can be made. */
export interface MemoryHierarchy {
  readonly folder: string;
  readonly version: 1 | 2;
}

/** What the kernel counts of a group. */
export interface MemoryCounts {
  /** Anonymous memory, page cache and kernel memory, in MB of 10^6 bytes. */
  readonly usedMb: number;
  /** How often something had to be given back because the limit was reached; page cache is, without harm. */
  readonly limitReached: number;
  readonly oomKills: number;
}

/** A group with a limit. */
export interface MemoryGroup {
  /** Runs, in the group and as the same process, the command that is written after it. */
  readonly launcher: readonly string[];
  has(pid: number): boolean;
  counts(): MemoryCounts;
}

/** Returns where a group can be made, or why none can. */
export function findMemoryHierarchy(userId: number | undefined): MemoryHierarchy | string {
  if (userId !== 0) return 'only root may make a control group: run as root';
  if (!existsSync('/proc/mounts')) return 'control groups are a part of Linux';
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, folder = '', type, options = ''] = line.split(' ');
    const words = options.split(',');
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    if (words.includes('ro')) continue;
    if (type === 'cgroup' && words.includes('memory')) return { folder, version: 1 };
    if (type === 'cgroup2' && readWords(join(folder, 'cgroup.controllers')).includes('memory'))
      return { folder, version: 2 };
  }
  return 'no hierarchy of control groups with a memory controller may be written: see /proc/mounts';
}

/** Makes a group for the length of one test; what is left in it then is killed. Memory and swap together stay below the limit. */
export function openMemoryGroup(t: TestContext, { folder, version }: MemoryHierarchy, limitBytes: number): MemoryGroup {
  const group = join(folder, `pod-identity-webhook-${process.pid}`);
  if (version === 2) writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory');
  mkdirSync(group);
  t.after(() => remove(group));
  for (const [file, value, isOptional] of limits[version](limitBytes)) {
    // a kernel may be built without the account of swap
    if (!isOptional || existsSync(join(group, file))) writeFileSync(join(group, file), String(value));
  }
  const members = join(group, 'cgroup.procs');
  return {
    launcher: ['sh', '-c', 'echo $$ > "$0" && exec "$@"', members],
    has: (pid) => readWords(members).includes(String(pid)),
    counts: () => counts[version](group),
  };
}

type Limit = readonly [file: string, value: number, isOptional?: boolean];

const limits = {
  1: (bytes: number): readonly Limit[] => [
    ['memory.limit_in_bytes', bytes],
    ['memory.memsw.limit_in_bytes', bytes, true],
  ],
  2: (bytes: number): readonly Limit[] => [
    ['memory.max', bytes],
    ['memory.swap.max', 0, true],
  ],
};

const counts = {
  1: (group: string): MemoryCounts => ({
    usedMb: readNumber(group, 'memory.usage_in_bytes') / 1e6,
    limitReached: readNumber(group, 'memory.failcnt'),
    oomKills: readField(group, 'memory.oom_control', 'oom_kill'),
  }),
  2: (group: string): MemoryCounts => ({
    usedMb: readNumber(group, 'memory.current') / 1e6,
    limitReached: readField(group, 'memory.events', 'max'),
    oomKills: readField(group, 'memory.events', 'oom_kill'),
  }),
};

async function remove(group: string): Promise<void> {
  const members = readWords(join(group, 'cgroup.procs')).flatMap((pid) => tryIdentify(Number(pid), 'a member') ?? []);
  await Promise.all(members.map((member) => end(member, 0)));
  for (let patience = 100; !tryRemove(group, patience === 0); patience--) await delay(50);
}

/** A process that has ended is in its group until its parent has heard so. @throws when it is busy and may not be */
function tryRemove(group: string, isLastTry: boolean): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    if (isLastTry || (error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    return false;
  }
}

function readNumber(group: string, file: string): number {
  return Number(readFileSync(join(group, file), 'utf8'));
}

/** Of a file with a name and a number on each line. @throws when the kernel does not count it */
function readField(group: string, file: string, name: string): number {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(readFileSync(join(group, file), 'utf8'))?.[1];
  if (found === undefined) throw new Error(`${file} has no ${name}: the kernel is older than 4.13`);
  return Number(found);
}

function readWords(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split(/\s+/).filter(Boolean);
}
