/** Test cluster: runs the built server out of cluster, and registers it. Looks at nothing inside the server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type FlagKey, flags } from '../../contract/flags.ts';
import { routes } from '../../contract/routes.ts';
import { findFreePort } from '../support/free-port.ts';
import { type ApiAnswer, send } from './api-client.ts';
import { createAuthority, issueCertificate } from './certificates.ts';

/** Flags by their props. */
export type Flags = { readonly [K in FlagKey]?: string | number | boolean };

/** How to run the server. */
export interface WebhookOptions {
  readonly node: string;
  /** The built program. */
  readonly program: string;
  /** For certificates and what the server writes. */
  readonly folder: string;
  readonly kubeconfig: string;
  /** The URL of the API server, empty for the kubeconfig's. */
  readonly kubeApi: string;
  /** The address that the API server calls. */
  readonly address: string;
  /** Flags besides those of a server out of the cluster. */
  readonly flags?: Flags;
  /** Is told of every server process that starts. */
  readonly onStart: (pid: number) => void;
}

/** A server that can be started and stopped, always at the same address. */
export interface Webhook {
  readonly url: string;
  /** The authority of its certificate, in PEM. */
  readonly authority: string;
  /** Starts the server; returns at once. */
  start(): void;
  /** Returns as soon as /healthz says 200. @throws when the server ends, or after 30 seconds, with its log */
  whenHealthy(): Promise<void>;
  /** Sends a review as the API server does. */
  review(body: object): Promise<ApiAnswer>;
  health(): Promise<number>;
  /** Sends SIGTERM and returns the exit code; kills it when it takes longer than 10 seconds, which is code -1. */
  stop(): Promise<number>;
  /** The last lines it wrote. */
  log(): string;
}

const keptLogLines = 200;

/** Makes a certificate for the address and takes a free port. Starts nothing yet. */
export async function prepareWebhook(options: WebhookOptions): Promise<Webhook> {
  const { folder, address } = options;
  await createAuthority(folder);
  await issueCertificate(folder, 'webhook', [`IP:${address}`]);
  const authority = await readFile(join(folder, 'ca.crt'), 'utf8');
  const port = await findFreePort();
  const url = `https://${address}:${port}${routes.mutate}`;
  const lines: string[] = [];
  let child: ChildProcess | undefined;
  const ask = (path: string, method: string, body?: object) =>
    send(new URL(path, url), { method, ca: authority, agent: false, timeout: 5000 }, body);
  const health = () => ask(routes.healthz, 'GET').then((answer) => answer.status);
  const log = () => lines.join('\n');
  return {
    url,
    authority,
    health,
    log,
    start: () => {
      child = startServer(options, port);
      if (child.pid) options.onStart(child.pid);
      const keep = (chunk: Buffer) =>
        lines.splice(0, lines.length, ...tail([...lines, ...chunk.toString().trim().split('\n')]));
      child.stderr?.on('data', keep);
      child.stdout?.on('data', keep);
    },
    whenHealthy: async () => {
      const limit = Date.now() + 30_000;
      while ((await health().catch(() => 0)) !== 200) {
        const hasEnded = child?.exitCode !== null;
        if (hasEnded || Date.now() > limit) throw new Error(`the server is not healthy; its log ends:\n${log()}`);
        await pause(20);
      }
    },
    review: (body) => ask(`${routes.mutate}?timeout=3s`, 'POST', body),
    stop: () => stopServer(child),
  };
}

/** Returns a registration as our chart makes it, but by URL and for labelled namespaces alone. */
export function registration(
  name: string,
  webhook: Pick<Webhook, 'url' | 'authority'>,
  namespaceLabels: Readonly<Record<string, string>>,
): object {
  const rule = {
    apiGroups: [''],
    apiVersions: ['v1'],
    resources: ['pods'],
    operations: ['CREATE'],
    scope: 'Namespaced',
  };
  const entry = {
    name: 'pod-identity-webhook.amazonaws.com',
    clientConfig: { url: webhook.url, caBundle: Buffer.from(webhook.authority).toString('base64') },
    rules: [rule],
    namespaceSelector: { matchLabels: namespaceLabels },
    admissionReviewVersions: ['v1'],
    failurePolicy: 'Ignore',
    matchPolicy: 'Equivalent',
    reinvocationPolicy: 'IfNeeded',
    sideEffects: 'None',
    timeoutSeconds: 3,
  };
  const kind = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' };
  return { ...kind, metadata: { name }, webhooks: [entry] };
}

/** In a process group of its own: an interrupt from the keyboard reaches the suite, which then stops the server. */
function startServer(options: WebhookOptions, port: number): ChildProcess {
  const { node, program, folder, kubeconfig, kubeApi } = options;
  const config: Flags = {
    inCluster: false,
    kubeconfig,
    kubeApi,
    port,
    metricsPort: 0,
    tlsCert: join(folder, 'webhook.crt'),
    tlsKey: join(folder, 'webhook.key'),
    certDir: folder,
    webhookConfig: join(folder, 'webhook.yaml'),
    shutdownDelayDuration: '0s',
    v: 2,
    ...options.flags,
  };
  const args = Object.entries(config).map(([key, value]) => `--${flags[key as FlagKey].flag}=${value}`);
  return spawn(node, [program, ...args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function stopServer(child: ChildProcess | undefined): Promise<number> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? 0;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(kill);
  return child.exitCode ?? -1;
}

function tail(lines: readonly string[]): readonly string[] {
  return lines.slice(-keptLogLines);
}
