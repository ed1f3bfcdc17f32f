/**
 * Other webhooks before and after ours, the Go webhook among them: pods are created, every container can find its token, and
 * nothing is there twice. The server runs with the Go webhook's volume name, as docs/migration.md says.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createAccount, createPod, eventually, type Fixture, post, within } from './fixture.ts';
import { addSidecar, asGoWebhook, goVolumeName, mountPath, takeName, takePath } from './injections.ts';
import { type Injector, startInjector } from './injector.ts';
import { type IsMutated, underLoad } from './load.ts';
import { asPod, type Pod, pod, roleArn } from './pods.ts';
import { limit, useFixture } from './suite.ts';
import { registration } from './webhook.ts';

const registrations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const role = 'first';
const injections = { sidecar: addSidecar, path: takePath, name: takeName, go: asGoWebhook(role) };
let fixture: Fixture;
let starting: Promise<Injector> | undefined;

useFixture(
  false,
  (opened) => {
    fixture = opened;
    starting = startInjector(opened.target.peerAddress, injections);
  },
  { tokenVolumeName: goVolumeName },
);
after(async () => (await starting)?.close());

test('a sidecar that is added after us is equipped too, because we are asked again', limit, async (context) => {
  await register(context, 'after', 'sidecar');
  const created = await createPod(fixture, 'sidecar', role);
  assert.deepEqual(
    created.spec.containers.map(({ name }) => name),
    ['app', 'sidecar'],
  );
  assert.deepEqual(troubles(created, role), []);
});

test('where another webhook has mounted something at our path, the token is elsewhere', limit, async (context) => {
  await register(context, 'before', 'path');
  const { body, warnings } = await post(fixture, `${within(fixture)}/pods`, pod('path', role));
  const created = asPod(body);
  assert.deepEqual(troubles(created, role), []);
  const mounts = created.spec.containers[0]?.volumeMounts ?? [];
  assert.equal(mounts.find((mount) => mount.mountPath === mountPath)?.name, 'elsewhere');
  assert.match(warnings, /mount path taken/);
});

test('where another webhook has brought a volume of our name, ours has another', limit, async (context) => {
  await register(context, 'before', 'name');
  const { body, warnings } = await post(fixture, `${within(fixture)}/pods`, pod('name', role));
  const created = asPod(body);
  assert.deepEqual(troubles(created, role), []);
  assert.ok(created.spec.volumes?.some((volume) => volume.name === goVolumeName && !volume.projected));
  assert.match(warnings, /another volume has the name/);
});

test(
  'what the Go webhook has made of a pod stays as it is, then and when it is admitted again',
  limit,
  async (context) => {
    await register(context, 'before', 'go');
    const created = await createPod(fixture, 'go', role);
    assert.deepEqual(troubles(created, role), []);
    const [container] = created.spec.containers;
    assert.deepEqual(
      container?.env?.map(({ name }) => name),
      ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
    );
    await unregister('before', 'go');
    await eventually('the Go webhook is no longer asked', async () => !(await isAsked('go')));
    const again = await createPod(fixture, 'go-again', role, created.spec);
    assert.deepEqual(again.spec, created.spec);
  },
);

for (const [place, order] of [
  ['before', 'the Go webhook first'],
  ['after', 'ours first'],
] as const) {
  test(`no pod is lost while both are registered, ${order}, and while the other leaves`, limit, async (context) => {
    await loseNothing(context, async () => {
      await register(context, place, 'go');
      await pause(1000);
      await unregister(place, 'go');
    });
  });
}

test('no pod is lost while our registration takes the place of the Go one', limit, async (context) => {
  const path = `${registrations}/${fixture.namespace}`;
  await createAccount(fixture, 'other', 'other');
  const point = async (at: object) => {
    const { body } = await fixture.target.api.call('GET', path);
    const { status, body: answer } = await fixture.target.api.call('PUT', path, { ...body, ...at });
    assert.equal(status, 200, JSON.stringify(answer));
  };
  const { webhooks: ours } = registration(fixture.namespace, fixture.webhook, labels()) as Registration;
  const there = await whereabouts('go');
  const { webhooks: theirs } = registration(fixture.namespace, there, labels()) as Registration;
  await point({ webhooks: theirs });
  await eventually('the Go webhook is asked instead of ours', async () => !(await isOurs()));
  await loseNothing(context, async () => {
    await point({ webhooks: ours });
    await eventually('ours is asked', isOurs);
  });
});

interface Registration {
  readonly webhooks: readonly object[];
}

const labels = () => ({ 'piw-suite': fixture.namespace });
/** API servers ask webhooks in the order of these names; ours is the namespace's, which begins with a p. */
const nameOf = (place: 'before' | 'after', injection: string) =>
  `${place === 'before' ? 'a' : 'z'}-${injection}-${fixture.namespace}`;

/** Registers an injection for the suite's namespace until the test ends, and waits until it is asked. */
async function register(context: TestContext, place: 'before' | 'after', injection: string): Promise<void> {
  const name = nameOf(place, injection);
  const at = await whereabouts(injection);
  context.after(() => unregister(place, injection));
  await post(fixture, registrations, registration(name, at, labels()));
  await eventually(`${injection} is injected`, () => isAsked(injection));
}

async function whereabouts(injection: string): Promise<Pick<Injector, 'authority'> & { readonly url: string }> {
  const injector = await starting;
  assert.ok(injector, 'the other webhook runs');
  return { url: injector.urlOf(injection), authority: injector.authority };
}

async function unregister(place: 'before' | 'after', injection: string): Promise<void> {
  await fixture.target.api.call('DELETE', `${registrations}/${nameOf(place, injection)}`);
}

/** Says whether an injection shows in a pod; the Go webhook's, which ours would do as well, in one of a role it does not know. */
async function isAsked(injection: string): Promise<boolean> {
  const { spec } = await tryOut(injection === 'go' ? 'webhook' : role);
  const text = JSON.stringify(spec);
  if (injection === 'go') return text.includes('AWS_ROLE_ARN');
  return text.includes({ sidecar: '"sidecar"', path: '"elsewhere"', name: '"/cache"' }[injection] ?? 'nothing');
}

/** Says whether our webhook is asked: only it knows this account's role. */
async function isOurs(): Promise<boolean> {
  return JSON.stringify(await tryOut('other')).includes(roleArn('other'));
}

async function tryOut(account: string): Promise<Pod> {
  return asPod((await post(fixture, `${within(fixture)}/pods?dryRun=All`, pod('try', account))).body);
}

/** Returns why containers of a pod would not get the role: none when its variables lead to a token in a mount. */
function troubles(created: Pod, expectedRole: string): readonly string[] {
  const tokens = (created.spec.volumes ?? []).flatMap(({ name, projected }) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken: token }) =>
      token?.audience === 'sts.amazonaws.com' ? [{ volume: name, path: token.path }] : [],
    ),
  );
  const found = created.spec.containers.flatMap(({ name, env = [], volumeMounts = [] }) => {
    const values = (variable: string) => env.filter((row) => row.name === variable).map(({ value }) => value);
    const files = volumeMounts.flatMap((mount) =>
      tokens.filter(({ volume }) => volume === mount.name).map(({ path }) => `${mount.mountPath}/${path}`),
    );
    const [roles, named] = [values('AWS_ROLE_ARN'), values('AWS_WEB_IDENTITY_TOKEN_FILE')];
    return [
      ...(roles.length === 1 && roles[0] === roleArn(expectedRole) ? [] : [`${name} has roles ${roles}`]),
      ...(named.length === 1 && files.includes(named[0] ?? '') ? [] : [`${name} has token ${named}, not of ${files}`]),
      ...(files.length === 1 ? [] : [`${name} has ${files.length} tokens`]),
    ];
  });
  return tokens.length === 1 ? found : [`${tokens.length} token volumes`, ...found];
}

async function loseNothing(context: TestContext, work: () => Promise<unknown>): Promise<void> {
  const isMutated: IsMutated = (made, expectedRole) => troubles(made, expectedRole).length === 0;
  const { created, failures, unmutatedAtSeconds, slowestMs } = await underLoad(fixture, role, work, isMutated);
  context.diagnostic(
    `${created} pods: ${failures.length} failed, ${unmutatedAtSeconds.length} unmutated; ${slowestMs} ms`,
  );
  assert.deepEqual({ failures, unmutatedAtSeconds }, { failures: [], unmutatedAtSeconds: [] });
  assert.ok(created > 50, `only ${created} pods were created`);
}
