/** Bench: child processes on a core of their own, which end with the bench. Measures nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';

/** A process that runs until it is disposed of. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** The moment of the spawn, on performance.now's scale. */
  readonly spawnedMs: number;
  /** The exit code or signal, once it has ended; with the last lines it wrote. */
  ended(): string | undefined;
  /** Empties the file that it writes to. */
  forgetOutput(): void;
}

/** What to run, where, and which file takes its output. */
export interface ChildOptions {
  readonly command: readonly string[];
  readonly core: number;
  readonly outputFile: string;
}

/** Starts a process. Its output goes to a file, as a container's does: a pipe would cost the reader's core time. */
export function startChild({ command, core, outputFile }: ChildOptions): Child {
  const output = fs.openSync(outputFile, 'a');
  const spawnedMs = performance.now();
  const child = spawn('taskset', pin(core, command), { stdio: ['ignore', output, output] });
  fs.closeSync(output);
  let failure: string | undefined;
  child.on('error', (error) => {
    failure = `taskset, of util-linux: ${error.message}`;
  });
  const hasEnded = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? -1,
    spawnedMs,
    ended: () =>
      hasEnded() ? `${failure ?? child.exitCode ?? child.signalCode}\n${lastLines(outputFile)}` : undefined,
    forgetOutput: () => fs.truncateSync(outputFile),
    [Symbol.asyncDispose]: async () => {
      if (hasEnded()) return;
      // no farewell: a webhook serves on for seconds after SIGTERM, and how it ends is not measured here
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Runs a process to its end and returns what it wrote to stdout. @throws when it fails */
export async function runChild(core: number, command: readonly string[]): Promise<string> {
  const child: ChildProcess = spawn('taskset', pin(core, command), { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command.slice(0, 3).join(' ')} ended with ${code}`);
  return Buffer.concat(chunks).toString();
}

/** Returns a port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** taskset becomes the command, so the child's pid is the command's. */
function pin(core: number, command: readonly string[]): string[] {
  return ['-c', String(core), ...command];
}

function lastLines(file: string): string {
  return fs.readFileSync(file, 'utf8').split('\n').slice(-12).join('\n');
}
