/** Test cluster: all that a test of the suite uses: a cluster, the registered webhook, two namespaces. Asserts nothing itself. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { access } from '../../contract/access.ts';
import type { ApiAnswer } from './api-client.ts';
import { writeKubeconfig } from './certificates.ts';
import { asPod, hasIdentity, type Pod, pod, roleArn, serviceAccount } from './pods.ts';
import { startProxy, type TcpProxy } from './proxy.ts';
import { openTarget, type Surroundings, type Target } from './target.ts';
import { type Flags, prepareWebhook, registration, type Webhook } from './webhook.ts';

/** A cluster with the webhook at work. */
export interface Fixture {
  readonly target: Target;
  readonly webhook: Webhook;
  /** Between webhook and API server; undefined when the cluster is not ours. */
  readonly proxy: TcpProxy | undefined;
  /** The namespace whose pods the webhook sees. */
  readonly namespace: string;
  /** A namespace whose pods it does not see. */
  readonly unseen: string;
  close(): Promise<void>;
}

/** A namespace of a cluster. */
export type Place = Pick<Fixture, 'target' | 'namespace'>;

/** How to run the server under test. */
export interface Program {
  readonly node: string;
  readonly program: string;
  /** Flags besides those that the suite needs. */
  readonly flags?: Flags;
}

/** Opens everything; the webhook is healthy and its registration works. */
export async function openFixture(around: Surroundings, program: Program): Promise<Fixture> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const close = () => undo(cleanups.splice(0).reverse());
  try {
    const target = await openTarget(around);
    cleanups.push(target.close);
    const folder = await mkdtemp(join(target.own?.folder ?? tmpdir(), 'webhook-suite-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const proxy = target.own && (await startProxy(target.api.server.hostname, Number(target.api.server.port)));
    if (proxy) cleanups.push(proxy.close);
    const id = `piw-suite-${randomBytes(3).toString('hex')}`;
    const names = { namespace: id, unseen: `${id}-unseen` };
    cleanups.push(() => removeObjects(target, id));
    const kubeconfig = await createObjects(target, id, folder);
    const kubeApi = proxy ? `https://127.0.0.1:${proxy.port}` : '';
    const reach = { kubeconfig, kubeApi, address: target.peerAddress };
    const onStart = (pid: number) => target.own?.adopt(pid, 'the webhook');
    const webhook = await prepareWebhook({ ...program, folder, ...reach, onStart });
    cleanups.push(webhook.stop);
    const fixture = { target, webhook, proxy, ...names, close };
    await putToWork(fixture, id);
    return fixture;
  } catch (fault) {
    await close();
    throw fault;
  }
}

/** Takes every step, also after one that fails. @throws the first failure, at the end */
async function undo(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((failure) => failures.push(failure));
  if (failures.length > 0) throw failures[0];
}

/** Creates a service account, with a role if one is named. */
export async function createAccount(fixture: Place, name: string, role?: string): Promise<void> {
  await post(fixture, `${within(fixture)}/serviceaccounts`, serviceAccount(name, role));
}

/** Gives an account another role, or none. */
export async function setRole(fixture: Place, name: string, role: string | null): Promise<void> {
  const annotations = { 'eks.amazonaws.com/role-arn': role && roleArn(role) };
  const path = `${within(fixture)}/serviceaccounts/${name}`;
  expect(await fixture.target.api.call('PATCH', path, { metadata: { annotations } }), 200, path);
}

/** Creates a pod and returns it as the API server made it. */
export async function createPod(fixture: Place, name: string, account: string, spec?: object): Promise<Pod> {
  return asPod((await post(fixture, `${within(fixture)}/pods`, pod(name, account, spec))).body);
}

/** Returns the pod as it would be created now. */
export async function tryOutPod(fixture: Place, account: string): Promise<Pod> {
  return asPod((await post(fixture, `${within(fixture)}/pods?dryRun=All`, pod('try', account))).body);
}

/** Creates a pod of the account of the same name, as soon as the API server admits it: it refuses an account it has not seen. */
export async function createPodOnceAllowed(fixture: Place, name: string): Promise<Pod> {
  for (;;) {
    const { status, body } = await fixture.target.api.call('POST', `${within(fixture)}/pods`, pod(name, name));
    if (status !== 403 || !String(body.message).includes('not found')) return asPod(body);
  }
}

/** Returns the pod as it would be created where the webhook does not see it. */
export async function createUnseenPod(fixture: Fixture, account: string, spec?: object): Promise<Pod> {
  const path = `/api/v1/namespaces/${fixture.unseen}`;
  const answer = await fixture.target.api.call('POST', `${path}/serviceaccounts`, serviceAccount(account, account));
  // an earlier test may have made the account
  if (answer.status !== 409) expect(answer, 201, path);
  return asPod((await post(fixture, `${path}/pods?dryRun=All`, pod('unseen', account, spec))).body);
}

/** Returns the API path of the namespace whose pods the webhook sees. */
export function within(fixture: Place): string {
  return `/api/v1/namespaces/${fixture.namespace}`;
}

/** Creates an object. @throws when it is refused, with the reason */
export async function post(fixture: { readonly target: Target }, path: string, body: object): Promise<ApiAnswer> {
  return expect(await fixture.target.api.call('POST', path, body), 201, path);
}

/** Waits until the check holds, asking ten times a second. @throws after the limit */
export async function eventually(what: string, check: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  const limit = Date.now() + limitMs;
  while (!(await check())) {
    if (Date.now() > limit) throw new Error(`not within ${limitMs} ms: ${what}`);
    await pause(100);
  }
}

/** Returns an administrator's view of the world: two namespaces, and an account with the webhook's rights and no more. */
async function createObjects(target: Target, id: string, folder: string): Promise<string> {
  const fixture = { target };
  await post(fixture, '/api/v1/namespaces', { metadata: { name: id, labels: { 'piw-suite': id } } });
  await post(fixture, '/api/v1/namespaces', { metadata: { name: `${id}-unseen` } });
  await post(fixture, `/api/v1/namespaces/${id}/serviceaccounts`, { metadata: { name: 'webhook' } });
  const { apiGroup, resource, verbs } = access.serviceAccounts;
  const rules = [{ apiGroups: [apiGroup], resources: [resource], verbs }];
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  await post(fixture, `${rbac}/clusterroles`, { metadata: { name: id }, rules });
  await post(fixture, `${rbac}/clusterrolebindings`, {
    metadata: { name: id },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: id },
    subjects: [{ kind: 'ServiceAccount', name: 'webhook', namespace: id }],
  });
  const token = (await target.kubectl(['create', 'token', 'webhook', `--namespace=${id}`])).trim();
  const path = join(folder, 'kubeconfig');
  await writeKubeconfig({ path, server: target.api.server.origin, authority: target.api.authority, token });
  return path;
}

/** Our own cluster goes as a whole. */
async function removeObjects(target: Target, id: string): Promise<void> {
  if (target.own) return;
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  for (const path of [
    `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${id}`,
    `${rbac}/clusterrolebindings/${id}`,
    `${rbac}/clusterroles/${id}`,
    `/api/v1/namespaces/${id}`,
    `/api/v1/namespaces/${id}-unseen`,
  ]) {
    await target.api.call('DELETE', path);
  }
}

/** Starts and registers the webhook, and waits until the API server calls it. */
async function putToWork(fixture: Fixture, id: string): Promise<void> {
  const { webhook } = fixture;
  webhook.start();
  await webhook.whenHealthy();
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  await post(fixture, path, registration(id, webhook, { 'piw-suite': id }));
  await createAccount(fixture, 'first', 'first');
  const isCalled = async () => hasIdentity(await tryOutPod(fixture, 'first'));
  await eventually('the API server calls the registered webhook', isCalled, 15_000);
}

function expect(answer: ApiAnswer, status: number, path: string): ApiAnswer {
  if (answer.status === status) return answer;
  throw new Error(
    `${path}: ${answer.status} instead of ${status}: ${answer.body.message ?? JSON.stringify(answer.body)}`,
  );
}
