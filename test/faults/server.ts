/** Fault suites: the built webhook as a process of its own, which gets its accounts from an API server. Judges nothing. */
import type { TestContext } from 'node:test';
import { probe, until } from '../../bench/probe.ts';
import { findFreePort } from '../support/free-port.ts';
import { ask, built, type Program, startProcess } from '../support/program.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** How to start the webhook. */
export interface ServerOptions {
  /** The URL of the API server that it follows. */
  readonly apiUrl: string;
  readonly flags?: readonly string[];
  /** Arguments of Node's before the program, such as --import. */
  readonly nodeArgs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** A command that becomes the one written after it, such as env. */
  readonly launcher?: readonly string[];
}

/** A webhook that runs. */
export interface Server {
  readonly program: Program;
  readonly port: number;
  readonly pid: number;
  /** Returns the text of /metrics. */
  metrics(): Promise<string>;
}

/** Starts the webhook for the length of one test, and waits until it is ready. */
export async function startServer(t: TestContext, options: ServerOptions): Promise<Server> {
  const server = await launchServer(t, options);
  await untilReady(server);
  return server;
}

/** Starts it and does not wait. */
export async function launchServer(t: TestContext, options: ServerOptions): Promise<Server> {
  const { apiUrl, flags = [], nodeArgs = [], env = {}, launcher = [] } = options;
  const [folder, port] = [tempFolder(t), await findFreePort()];
  const [command = '', ...args] = [
    ...launcher,
    process.execPath,
    ...nodeArgs,
    built,
    `--port=${port}`,
    '--metrics-port=0',
    '--in-cluster=false',
    `--cert-dir=${folder}`,
    `--webhook-config=${folder}/webhook-config.yaml`,
    `--kube-api=${apiUrl}`,
    ...flags,
  ];
  const program = startProcess(t, { command, args, env });
  const { pid = -1 } = program.process;
  return { program, port, pid, metrics: async () => (await ask(port, '/metrics')).text };
}

/** Resolves once /readyz answers with 200, or with another status that is waited for. @throws when the process ends */
export async function untilReady({ program, port }: Server, status = 200): Promise<void> {
  const problem = () => (program.process.exitCode === null ? undefined : program.output.stderr);
  await until(async () => (await probe(port, '/readyz')) === status, problem);
}
