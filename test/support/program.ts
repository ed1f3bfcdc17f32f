/** Test support: the built program as a process, and requests to it. Builds nothing. */
import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';

/** The root of the repository. */
export const root = join(import.meta.dirname, '../..');

/** What `npm run build` made of the server. */
export const built = join(root, 'build/server/main.js');

/** A bound for every test that runs a process: one that hangs fails instead of holding up the rest. */
export const bounded = { timeout: 60_000 };

/** A line of the log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A process that was started. */
export interface Program {
  readonly process: ChildProcess;
  /** Everything it wrote until now. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves to the exit code, when all output has been read; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Returns the first line on standard error that has the text. @throws when the process ends without one */
  line(text: string): Promise<string>;
}

/** Starts the built program with these arguments, for the length of one test at most. */
export function startProgram(t: TestContext, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  assert.ok(existsSync(built), 'build/server/main.js is missing: npm run build');
  return startProcess(t, { command: process.execPath, args: [built, ...args], env });
}

/** What to start, at the root of the repository. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside the environment of the tests. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether its standard input can be written to; otherwise it is empty. @default false */
  readonly isTold?: boolean;
}

/** Starts a process, which is killed with the test at the latest. */
export function startProcess(t: TestContext, { command, args, env = {}, isTold = false }: Command): Program {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: [isTold ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
  const output = { stdout: '', stderr: '' };
  const ended = once(child, 'close').then(([code]) => code as number | null);
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const found = (text: string) => output.stderr.split('\n').find((line) => line.includes(text));
  const line = async (text: string) => {
    const more = () => once(child.stderr, 'data').then(() => true);
    while (found(text) === undefined) {
      const goesOn = await Promise.race([more(), ended.then(() => false)]);
      if (!goesOn && found(text) === undefined) throw new Error(`no line has "${text}":\n${output.stderr}`);
    }
    return found(text) ?? '';
  };
  return { process: child, output, ended, line };
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The serving certificate's serial number. */
  readonly serial: string;
}

/** Sends one request over TLS, with a body as POST; without `ca` as probes do, which look at no certificate. */
export async function ask(port: number, path: string, { body, ca }: { body?: string; ca?: string } = {}) {
  const request = https.request(`https://localhost:${port}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    agent: false,
    ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
  });
  request.end(body);
  const [response] = await once(request, 'response');
  const serial: string = response.socket.getPeerCertificate().serialNumber;
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text, serial } satisfies Answer;
}

/** Returns the log as it stands. @throws when a line is not JSON */
export function readLog({ output }: Program): readonly LogLine[] {
  return output.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);
}
