/** Bench: the servers that are measured, and where they get their service accounts from. */
import fs from 'node:fs';
import path from 'node:path';
import { type Child, freePort, startChild } from './child.ts';
import { probe, until } from './probe.ts';

/** What all parts of the bench share. */
export interface Bench {
  /** A folder for this run. */
  readonly folder: string;
  /** The command that runs one of the bench's own roles. */
  readonly self: readonly string[];
  readonly serverCore: number;
  readonly clientCore: number;
  readonly targets: readonly Target[];
  readonly log: (line: string) => void;
}

/** A server to measure. */
export interface Target {
  readonly name: string;
  readonly command: readonly string[];
  readonly isPatching: boolean;
  readonly readyPath: string;
  /** Whose certificate folder it uses. */
  readonly certFolder: string;
}

/** Returns the webhook, the bare server, and the peer if there is one. The webhook comes first: it makes the certificate that the bare server serves. */
export function listTargets(node: string, self: readonly string[], peer: string | undefined): readonly Target[] {
  const webhook = path.resolve(import.meta.dirname, '../build/server/main.js');
  const own = { isPatching: true, readyPath: '/readyz', certFolder: 'certs' };
  const targets: Target[] = [
    { ...own, name: 'webhook', command: [node, webhook] },
    { name: 'bare', command: [...self, 'bare-server'], isPatching: false, readyPath: '/healthz', certFolder: 'certs' },
  ];
  const command = peer?.split(/\s+/).filter(Boolean) ?? [];
  if (command.length > 0)
    targets.push({ name: 'peer', command, isPatching: true, readyPath: '/healthz', certFolder: 'peer-certs' });
  return targets;
}

/** A server that runs. */
export interface Server extends Child {
  readonly target: Target;
  readonly port: number;
}

/** Where a server finds service accounts: flags for it. */
export type IdentityFlags = readonly string[];

/** How many accounts are few. */
export const fewAccounts = 20;

/** An API server that runs. */
export interface Api extends Child {
  /** Its URL. */
  readonly server: string;
  readonly flags: IdentityFlags;
}

/** Starts an API server with so many accounts, in a process of its own. */
export async function startApi(bench: Bench, accounts: number): Promise<Api> {
  const port = await freePort();
  const server = `http://127.0.0.1:${port}`;
  const command = [...bench.self, 'fake-api', `--port=${port}`, `--accounts=${accounts}`];
  const child = startChild({ command, core: bench.clientCore, outputFile: path.join(bench.folder, 'fake-api.log') });
  const hasAnswered = () =>
    fetch(`${server}/`).then(
      () => true,
      () => false,
    );
  await until(hasAnswered, child.ended);
  const kubeconfig = path.join(bench.folder, 'kubeconfig.json');
  fs.writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(server)));
  return { ...child, server, flags: [`--kube-api=${server}`, `--kubeconfig=${kubeconfig}`] };
}

/** JSON is YAML. */
function kubeconfigFor(server: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'bench', cluster: { server } }],
    users: [{ name: 'bench', user: { token: 'none' } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    'current-context': 'bench',
  };
}

/** Starts a server and does not wait for it. */
export async function launch(bench: Bench, target: Target, identities: IdentityFlags): Promise<Server> {
  const certDir = path.join(bench.folder, target.certFolder);
  fs.mkdirSync(certDir, { recursive: true });
  const port = await freePort();
  const command = [
    ...target.command,
    `--port=${port}`,
    '--metrics-port=0',
    '--in-cluster=false',
    `--cert-dir=${certDir}`,
    `--webhook-config=${path.join(certDir, 'webhook-config.yaml')}`,
    ...identities,
  ];
  const outputFile = path.join(bench.folder, `${target.name}.log`);
  return { ...startChild({ command, core: bench.serverCore, outputFile }), target, port };
}

/** Resolves once the server says that it is ready. */
export async function untilReady({ port, target, ended }: Server): Promise<void> {
  await until(async () => (await probe(port, target.readyPath)) === 200, ended);
}

/** Starts a server and waits until it is ready. */
export async function launchReady(bench: Bench, target: Target, identities: IdentityFlags): Promise<Server> {
  const server = await launch(bench, target, identities);
  try {
    await untilReady(server);
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
