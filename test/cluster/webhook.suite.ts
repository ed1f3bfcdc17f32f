/** The built server against a real API server. Each test reads pods as the API server made them; none looks into the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createAccount,
  createPod,
  createPodOnceAllowed,
  createUnseenPod,
  eventually,
  type Fixture,
  post,
  setRole,
  tryOutPod,
  within,
} from './fixture.ts';
import { tokenIssuer } from './layout.ts';
import { modernSpec } from './modern-pod.ts';
import {
  asPod,
  expectedFor,
  hasIdentity,
  isMutatedFor,
  type Pod,
  pod,
  readGiven,
  reviewOf,
  tryReadTokenRequest,
  withoutIdentity,
} from './pods.ts';
import { isForeign, limit, ownOnly, useFixture } from './suite.ts';
import { type KeySet, verifyToken } from './token-verifier.ts';

const hundred = Array.from({ length: 100 }, (_, at) => at);
const pairs = 1000;
/** The client has 50 connections: of more, a pod would wait in line while its account is made long before it. */
const pairsAtOnce = 25;
let fixture: Fixture;
useFixture(false, (opened) => {
  fixture = opened;
});

test('a pod made with kubectl gets role, token and region-free environment', limit, async () => {
  await createAccount(fixture, 'kubectl', 'reader');
  const args = ['create', '--namespace', fixture.namespace, '-o', 'json', '-f', '-'];
  const created = asPod(JSON.parse(await fixture.target.kubectl(args, JSON.stringify(pod('kubectl', 'kubectl')))));
  assertMutated(created, 'reader');
  const expected = { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' };
  assert.deepEqual(tryReadTokenRequest(created), expected);
});

test('a pod of an account without a role stays as it is', limit, async () => {
  await createAccount(fixture, 'plain');
  const created = await createPod(fixture, 'plain', 'plain');
  assert.deepEqual(withoutIdentity(created), withoutIdentity(await createUnseenPod(fixture, 'plain')));
  assert.equal(hasIdentity(created), false);
});

test('a pod made from a mutated one stays as it is', limit, async () => {
  const first = await createPod(fixture, 'once', 'first');
  const second = await createPod(fixture, 'twice', 'first', first.spec);
  assert.deepEqual(second.spec, first.spec);
  assertMutated(second, 'first');
});

test('a pod made right after its account is mutated, 100 times at once', limit, async () => {
  const pods = await Promise.all(
    hundred.map(async (at) => {
      await createAccount(fixture, `after-${at}`, `role-${at}`);
      return createPod(fixture, `after-${at}`, `after-${at}`);
    }),
  );
  for (const [at, created] of pods.entries()) assertMutated(created, `role-${at}`);
});

test('a pod made in the same instant as its account is mutated, 1,000 times', limit, async (context) => {
  const begun = performance.now();
  const unmutated: string[] = [];
  const makePair = async (at: number): Promise<void> => {
    const name = `with-${at}`;
    const account = createAccount(fixture, name, name);
    const [created] = await Promise.all([createPodOnceAllowed(fixture, name), account]);
    if (!isMutatedFor(created, name)) unmutated.push(name);
  };
  const left = Array.from({ length: pairs }, (_, at) => at).values();
  const lane = async () => {
    for (const at of left) await makePair(at);
  };
  await Promise.all(Array.from({ length: pairsAtOnce }, lane));
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  context.diagnostic(
    `figure: ${pairs} pairs of account and pod, ${pairsAtOnce} at a time, in ${seconds} s: ${unmutated.length} unmutated (goal: 0)`,
  );
  assert.deepEqual(unmutated, []);
});

test('a role that is changed, removed, or made anew with the account is followed', limit, async () => {
  await createAccount(fixture, 'moving', 'one');
  assertMutated(await createPod(fixture, 'moving', 'moving'), 'one');
  await setRole(fixture, 'moving', 'two');
  await eventually('pods have the new role', () => hasRole('moving', 'two'));
  await setRole(fixture, 'moving', null);
  await eventually('pods have no role', () => hasNoRole('moving'));
  await setRole(fixture, 'moving', 'three');
  await eventually('pods have a role again', () => hasRole('moving', 'three'));
  await fixture.target.api.call('DELETE', `${within(fixture)}/serviceaccounts/moving`);
  await createAccount(fixture, 'moving');
  await eventually('pods of the new account have no role', () => hasNoRole('moving'));
});

test('every field of a modern pod is there after mutation', limit, async () => {
  const created = await createPod(fixture, 'modern', 'first', modernSpec);
  assertMutated(created, 'first');
  await assertKept(created, modernSpec);
  if (!isForeign) assert.partialDeepStrictEqual(created.spec, modernSpec as object);
});

test('a field that the API server does not know does not trouble the rest', limit, async () => {
  const spec = { ...modernSpec, fieldOfTheFuture: { a: [1] } };
  const path = `${within(fixture)}/pods?fieldValidation=Ignore`;
  const created = asPod((await post(fixture, path, pod('future', 'first', spec))).body);
  assertMutated(created, 'first');
  await assertKept(created, modernSpec);
});

test("the token that a pod asks for passes a verifier that knows only the issuer's keys", limit, async () => {
  const request = tryReadTokenRequest(await createPod(fixture, 'token', 'first'));
  assert.ok(request);
  const asked = [`--audience=${request.audience}`, `--duration=${request.expirationSeconds}s`];
  const args = ['create', 'token', 'first', `--namespace=${fixture.namespace}`, ...asked];
  const token = (await fixture.target.kubectl(args)).trim();
  const keySet = (await fixture.target.api.call('GET', '/openid/v1/jwks')).body as unknown as KeySet;
  const issuer = isForeign ? await readIssuer() : tokenIssuer;
  const subject = `system:serviceaccount:${fixture.namespace}:first`;
  const expected = { issuer, audience: 'sts.amazonaws.com', subject, nowSeconds: Date.now() / 1000 };
  const claims = verifyToken(token, keySet, expected);
  assert.equal(claims.exp - claims.iat, request.expirationSeconds);
  assert.throws(() => verifyToken(token, keySet, { ...expected, audience: 'elsewhere' }), /audience/);
  assert.throws(() => verifyToken(token, keySet, { ...expected, nowSeconds: claims.exp }), /expired/);
  assert.throws(
    () => verifyToken(forged(token, 'system:serviceaccount:kube-system:default'), keySet, expected),
    /signature/,
  );
});

test('roles are followed again after the watch is cut', ownOnly, async () => {
  await createAccount(fixture, 'cut', 'one');
  for (const role of ['two', 'three', 'four']) {
    assert.ok(fixture.proxy?.cut(), 'the server held a connection to the API server');
    await createAccount(fixture, `cut-${role}`, role);
    await setRole(fixture, 'cut', role);
    await eventually(`pods have role ${role}`, () => hasRole('cut', role));
    assertMutated(await createPod(fixture, `cut-${role}`, `cut-${role}`), role);
  }
});

test('known accounts are answered while the API server is deaf to the webhook, others fail open', ownOnly, async () => {
  fixture.proxy?.goDeaf();
  try {
    await createAccount(fixture, 'unheard', 'late');
    assertMutated(await createPod(fixture, 'deaf', 'first'), 'first');
    const answer = await post(fixture, `${within(fixture)}/pods`, pod('unheard', 'unheard'));
    assert.equal(hasIdentity(asPod(answer.body)), false);
    assert.match(answer.warnings, /unheard/, 'the webhook itself says in time that it does not know the account');
  } finally {
    fixture.proxy?.hear();
    fixture.proxy?.cut();
  }
  await eventually('the account is known', () => hasRole('unheard', 'late'));
});

test('the webhook answers while the API server is away and follows it when it is back', ownOnly, async () => {
  await fixture.target.own?.stopApiServer();
  const answer = await fixture.webhook.review(reviewOf(fixture.namespace, pod('direct', 'first')));
  assert.equal(await fixture.webhook.health(), 200);
  await fixture.target.own?.startApiServer();
  assert.partialDeepStrictEqual(answer.body, { response: { uid: 'u', allowed: true, patchType: 'JSONPatch' } });
  assertMutated(await createPod(fixture, 'back', 'first'), 'first');
  await setRole(fixture, 'first', 'other');
  await eventually('the new role is followed', () => hasRole('first', 'other'));
  await setRole(fixture, 'first', 'first');
  await eventually('the old role is followed', () => hasRole('first', 'first'));
});

test('from the moment /healthz says 200 no pod is missed, with 300 accounts', limit, async () => {
  const accounts = Array.from({ length: 300 }, (_, at) => at);
  await Promise.all(accounts.map((at) => createAccount(fixture, `many-${at}`, `role-${at}`)));
  assert.equal(await fixture.webhook.stop(), 0);
  fixture.webhook.start();
  await fixture.webhook.whenHealthy();
  const pods = await Promise.all(hundred.map((at) => createPod(fixture, `many-${at}`, `many-${at * 3}`)));
  for (const [at, created] of pods.entries()) assertMutated(created, `role-${at * 3}`);
});
function assertMutated(created: Pod, role: string): void {
  assert.deepEqual(readGiven(created), expectedFor(created, role), `${created.metadata.name} has role ${role}`);
  assert.ok(tryReadTokenRequest(created), `${created.metadata.name} has a token volume`);
}

/** Compares with what the API server makes of the same spec without a webhook. */
async function assertKept(created: Pod, spec: object): Promise<void> {
  assert.deepEqual(withoutIdentity(created), withoutIdentity(await createUnseenPod(fixture, 'first', spec)));
}

async function hasRole(account: string, role: string): Promise<boolean> {
  return readGiven(await tryOutPod(fixture, account)).every((row) => row.env.AWS_ROLE_ARN?.endsWith(`/${role}`));
}

async function hasNoRole(account: string): Promise<boolean> {
  return !hasIdentity(await tryOutPod(fixture, account));
}

async function readIssuer(): Promise<string> {
  const { body } = await fixture.target.api.call('GET', '/.well-known/openid-configuration');
  return String(body.issuer);
}

/** Returns the token with another subject under the same signature. */
function forged(token: string, subject: string): string {
  const [head = '', body = '', signature = ''] = token.split('.');
  const claims = { ...JSON.parse(Buffer.from(body, 'base64url').toString()), sub: subject };
  return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
}
