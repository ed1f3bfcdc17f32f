/** Test cluster: runs commands, starts long-lived processes, ends them by their own ids. Knows nothing of Kubernetes. */
import { execFile, spawn } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { names } from './layout.ts';

/** A process that was started, told apart by its start time from a later one with the same id. */
export interface Started {
  readonly pid: number;
  /** Clock ticks since boot, as /proc counts them. */
  readonly startTicks: string;
  readonly name: string;
}

/** How to run a command that ends by itself. */
export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  /** @default this process's */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until it is killed; none by default. */
  readonly timeoutMs?: number;
}

/**
 * Returns what the command wrote to standard output.
 * @throws when it fails, with the end of what it wrote to standard error
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { input, timeoutMs = 0, cwd, env } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024, ...(cwd && { cwd }), ...(env && { env }) },
      (fault, stdout, stderr) => {
        if (!fault) return resolve(stdout);
        const why = stderr.trim().split('\n').slice(-15).join('\n') || fault.message;
        reject(new Error(`${program} ${args.slice(0, 4).join(' ')} failed: ${why}`, { cause: fault }));
      },
    );
    // a command may end without reading its input: then its exit status says what matters, not the broken pipe
    child.stdin?.on('error', () => child.stdin?.destroy()).end(input);
  });
}

/**
 * Starts a long-lived process in a session of its own inside the cluster's network, logs to log/<name>.log, and records it.
 * (nsenter and not `ip netns exec`, which mounts a new /sys without the cgroups.)
 */
export function startInside(state: string, name: string, command: readonly string[]): Started {
  const log = openSync(join(state, 'log', `${name}.log`), 'a');
  const args = [`--net=/run/netns/${names.networkNamespace}`, '--', ...command];
  const child = spawn('nsenter', args, { detached: true, stdio: ['ignore', log, log], cwd: state });
  closeSync(log);
  child.unref();
  if (child.pid === undefined) throw new Error(`${name} could not be started: is nsenter (util-linux) on the PATH?`);
  return record(state, child.pid, name);
}

/** Records a process, so that it ends with the cluster. */
export function record(state: string, pid: number, name: string): Started {
  const started = { pid, startTicks: startTicks(pid) ?? '', name };
  appendFileSync(recordPath(state), `${pid} ${started.startTicks} ${name}\n`);
  return started;
}

/** Returns every process that was recorded below this state folder, ended ones too, oldest first. */
export function recorded(state: string): readonly Started[] {
  if (!existsSync(recordPath(state))) return [];
  const lines = readFileSync(recordPath(state), 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [pid = '0', ticks = '', name = ''] = line.split(' ');
    return { pid: Number(pid), startTicks: ticks, name };
  });
}

/** Says whether this very process still runs. A zombie does not. */
export function isRunning(process: Started): boolean {
  return process.startTicks !== '' && startTicks(process.pid) === process.startTicks;
}

/** Ends a process: SIGTERM, and SIGKILL when it takes longer than the grace. */
export async function end(process: Started, graceMs = 8000): Promise<void> {
  signal(process, 'SIGTERM');
  if (await hasEnded(process, graceMs)) return;
  signal(process, 'SIGKILL');
  if (!(await hasEnded(process, 5000))) throw new Error(`${process.name} (process ${process.pid}) outlives SIGKILL`);
}

/** Returns the process of this id, as it runs now; undefined when there is none. */
export function tryIdentify(pid: number, name: string): Started | undefined {
  const ticks = startTicks(pid);
  return ticks === undefined ? undefined : { pid, startTicks: ticks, name };
}

/**
 * Waits until the check holds, asking ten times a second.
 * @throws after the limit, or as soon as the process it depends on ends, with the end of that process's log
 */
export async function waitFor(what: string, check: () => Promise<boolean>, needs: WaitNeeds): Promise<void> {
  const limit = Date.now() + (needs.limitMs ?? 60_000);
  while (!(await check())) {
    const gone = needs.process && !isRunning(needs.process);
    if (gone || Date.now() > limit) throw new Error(`${what} ${gone ? 'ended' : 'is not up in time'}${logEnd(needs)}`);
    await pause(100);
  }
}

/** What a wait depends on. */
export interface WaitNeeds {
  readonly state: string;
  readonly process?: Started;
  /** @default 60000 */
  readonly limitMs?: number;
}

function recordPath(state: string): string {
  return join(state, 'processes');
}

function signal(process: Started, name: NodeJS.Signals): void {
  if (!isRunning(process)) return;
  globalThis.process.kill(process.pid, name);
}

async function hasEnded(process: Started, limitMs: number): Promise<boolean> {
  const limit = Date.now() + limitMs;
  while (isRunning(process)) {
    if (Date.now() > limit) return false;
    await pause(50);
  }
  return true;
}

/** Field 22 of /proc/<pid>/stat; the name before it may hold spaces, so counting begins after its closing bracket. */
function startTicks(pid: number): string | undefined {
  const stat = tryRead(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

function logEnd(needs: WaitNeeds): string {
  if (!needs.process) return `; logs are in ${join(needs.state, 'log')}`;
  const path = join(needs.state, 'log', `${needs.process.name}.log`);
  return `; the end of ${path}:\n${(tryRead(path) ?? '').trim().split('\n').slice(-15).join('\n')}`;
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
