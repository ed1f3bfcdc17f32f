/** Test cluster: the webhook's own image as pods, brought in and out by make as users do. Asserts nothing. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../support/program.ts';
import type { Cluster } from './cluster.ts';
import { createAccount, eventually, type Place, post, tryOutPod } from './fixture.ts';
import { loadImage } from './images.ts';
import { readFolders } from './layout.ts';
import { hasIdentity } from './pods.ts';
import { run } from './processes.ts';
import { makeRuntimeImage } from './runtime-image.ts';
import { openTarget, type Surroundings } from './target.ts';

/** The image of the webhook on the node. */
export const image = 'localhost/pod-identity-webhook:suite';
/** Where the charts put the webhook. */
export const webhookNamespace = 'eks';
/** The name of its objects. */
export const webhookName = 'iam-for-pods';

/** A cluster that has the webhook's image, and a namespace `app` with an account `app` whose role is `app`. */
export interface Installed extends Place {
  readonly cluster: Cluster;
  /**
   * Brings the webhook in by `make cluster-up` and waits until pods are mutated. Returns what make wrote, and how long it
   * took from there until the pods were ready and until the first pod was mutated.
   * @param variant the app of apps.ts; main.ts by default
   * @param settings environment of the app
   */
  up(variant?: string, settings?: Readonly<Record<string, string>>): Promise<Arrival>;
  /** Takes it out by `make cluster-down`. */
  down(): Promise<string>;
  close(): Promise<void>;
}

/** How the webhook came into the cluster. */
export interface Arrival {
  readonly output: string;
  readonly readyMs: number;
  readonly mutatedMs: number;
}

/** Starts a cluster with a node, builds the image and loads it. */
export async function openInstalled(around: Surroundings, node: string): Promise<Installed> {
  const target = await openTarget({ ...around, withNode: true });
  try {
    const cluster = target.own;
    if (!cluster) throw new Error('the cluster of KUBECONFIG has no image of the webhook: unset it');
    await buildImage(node);
    await loadImage(cluster.folder, image);
    const place = { target, namespace: 'app' };
    await post(place, '/api/v1/namespaces', { metadata: { name: place.namespace } });
    await createAccount(place, 'app', 'app');
    const { programs } = readFolders(around.env);
    const env = { ...around.env, KUBECONFIG: cluster.kubeconfig, PATH: `${programs}:${around.path}`, IMAGE: image };
    const up: Installed['up'] = (variant, settings) => bringUp(place, { ...env, ...variantEnv(variant), ...settings });
    const down = () => run('make', ['--no-print-directory', 'cluster-down'], { cwd: root, env });
    return { ...place, cluster, up, down, close: target.close };
  } catch (fault) {
    await target.close();
    throw fault;
  }
}

async function buildImage(node: string): Promise<void> {
  const runtimeImage = await makeRuntimeImage(node);
  const settings = [`IMAGE=${image}`, `RUNTIME_IMAGE=${runtimeImage}`, 'TOOL=buildah'];
  await run('make', ['image', ...settings], { cwd: root });
}

async function bringUp(place: Place, env: Readonly<Record<string, string | undefined>>): Promise<Arrival> {
  const begun = performance.now();
  const output = await run('make', ['--no-print-directory', 'cluster-up'], { cwd: root, env });
  const readyMs = performance.now() - begun;
  await untilMutated(place);
  return { output, readyMs, mutatedMs: performance.now() - begun };
}

/** Returns the pods of the webhook, their events, the ends of their logs, and why the API server admitted pods without it. */
export async function readEvidence({ target, cluster }: Installed): Promise<string> {
  const within = `--namespace=${webhookNamespace}`;
  const sections = [
    ['get', 'pods', within],
    [
      'get',
      'events',
      within,
      '--field-selector=type=Warning',
      '--no-headers',
      '-o',
      'custom-columns=:.lastTimestamp,:.involvedObject.name,:.message',
    ],
    ['logs', within, '--selector=app.kubernetes.io/name=pod-identity-webhook', '--prefix', '--tail=30'],
  ].map((args) => target.kubectl(args).catch((fault: Error) => fault.message));
  const log = await readFile(join(cluster.folder, 'log', 'kube-apiserver.log'), 'utf8');
  const failedOpen = log.split('\n').filter((line) => line.includes('failing open'));
  return [...(await Promise.all(sections)), ...failedOpen.slice(-10)].join('\n');
}

/** Waits until a pod of the account `app` comes out mutated. */
export function untilMutated(place: Place): Promise<void> {
  return eventually('pods are mutated', async () => hasIdentity(await tryOutPod(place, 'app')));
}

function variantEnv(variant: string | undefined): Readonly<Record<string, string>> {
  return variant === undefined ? {} : { APP: join('test', 'cluster', 'apps.ts'), VARIANT: variant };
}
