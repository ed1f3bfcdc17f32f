import assert from 'node:assert/strict';
import { test } from 'node:test';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { patienceMs } from '../../../server/http/mutate.ts';
import { review } from '../../support/reviews.ts';
import { role, startWebhook } from '../../support/webhook.ts';

const pod = {
  metadata: { name: 'shelf' },
  spec: { serviceAccountName: 'reader', containers: [{ name: 'app', env: [{ name: 'SECRET', value: 'hunter2' }] }] },
};

interface Body {
  readonly apiVersion: string;
  readonly kind: string;
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly patch?: string;
    readonly patchType?: string;
    readonly warnings?: string[];
    readonly status?: { readonly code: number; readonly message: string };
  };
}

const decode = async (response: Response) => (await response.json()) as Body;

for (const apiVersion of ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1']) {
  test(`a review of ${apiVersion} is answered in kind, with a patch that adds the role`, async (t) => {
    const webhook = await startWebhook(t);
    const response = await webhook.post(JSON.stringify({ ...review(pod), apiVersion }));
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    const body = await decode(response);
    assert.deepEqual([body.apiVersion, body.kind], [apiVersion, 'AdmissionReview']);
    assert.deepEqual(
      [body.response.uid, body.response.allowed, body.response.patchType],
      [review(pod).request.uid, true, 'JSONPatch'],
    );
    const patch = JSON.parse(Buffer.from(body.response.patch ?? '', 'base64').toString()) as Operation[];
    const patched = jsonPatch.applyPatch(structuredClone(pod), patch).newDocument;
    assert.deepEqual(patched.spec.containers[0]?.env.slice(0, 2), [
      ...(pod.spec.containers[0]?.env ?? []),
      { name: 'AWS_ROLE_ARN', value: role },
    ]);
  });
}

test('an answer without changes has neither patch nor patchType', async (t) => {
  const webhook = await startWebhook(t, { lookup: () => ({ outcome: 'cached', annotations: {} }) });
  const { response } = await decode(await webhook.post(JSON.stringify(review(pod))));
  assert.deepEqual(Object.keys(response), ['uid', 'allowed']);
});

test('a reply with letters beyond ASCII arrives whole', async (t) => {
  const webhook = await startWebhook(t);
  const uid = 'prüf-🐟-\u2028';
  const { response } = await decode(await webhook.post(JSON.stringify(review(pod, { uid }))));
  assert.equal(response.uid, uid);
});

for (const [encoding, status] of [
  ['gzip', 400],
  ['br', 400],
  ['magic', 415],
] as const) {
  test(`a body that is not the ${encoding} it says it is gets ${status}`, async (t) => {
    const webhook = await startWebhook(t);
    const response = await fetch(`${webhook.url}/mutate`, {
      method: 'POST',
      body: JSON.stringify(review(pod)),
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
    });
    assert.equal(response.status, status);
  });
}

test('warnings come with v1 and not with v1beta1, which has none', async (t) => {
  const webhook = await startWebhook(t, { lookup: () => ({ outcome: 'missing', annotations: {} }) });
  const v1 = await decode(await webhook.post(JSON.stringify(review(pod))));
  assert.match(v1.response.warnings?.[0] ?? '', /service account reader not found in time/);
  const beta = await decode(
    await webhook.post(JSON.stringify({ ...review(pod), apiVersion: 'admission.k8s.io/v1beta1' })),
  );
  assert.equal(beta.response.warnings, undefined);
});

const { request } = review(pod);
const bad: Readonly<Record<string, readonly [body: string, message: RegExp, uid: string]>> = {
  'no JSON': ['{"kind":', /not JSON/, ''],
  'an empty body': ['', /not JSON/, ''],
  null: ['null', /the body is null/, ''],
  'a list': ['[]', /the body is a list/, ''],
  'another kind': [JSON.stringify({ ...review(pod), kind: 'Pod' }), /kind is "Pod"/, request.uid],
  'an unknown version': [
    JSON.stringify({ ...review(pod), apiVersion: 'admission.k8s.io/v2' }),
    /apiVersion .*admission\.k8s\.io\/v1 or/,
    request.uid,
  ],
  'no request': [JSON.stringify({ ...review(pod), request: undefined }), /request is missing/, ''],
  'no uid': [JSON.stringify(review(pod, { uid: undefined })), /request\.uid is missing/, ''],
  'no operation': [JSON.stringify(review(pod, { operation: undefined })), /request\.operation is missing/, request.uid],
  'no object': [JSON.stringify(review(null)), /request\.object is missing/, request.uid],
};

for (const [name, [body, message, uid]] of Object.entries(bad)) {
  test(`${name} is answered with 400 and an AdmissionReview that names the field`, async (t) => {
    const webhook = await startWebhook(t);
    const response = await webhook.post(body);
    assert.equal(response.status, 400);
    const { response: answer } = await decode(response);
    assert.deepEqual([answer.allowed, answer.uid, answer.status?.code], [false, uid, 400]);
    assert.match(answer.status?.message ?? '', message);
    assert.equal(webhook.metrics.of('decided')[0]?.[0].outcome, 'refused');
  });
}

test('a pod whose parts have the wrong type is admitted unchanged, counted and logged without its content', async (t) => {
  const webhook = await startWebhook(t);
  const response = await webhook.post(JSON.stringify(review({ spec: { containers: 5, note: 'hunter2' } })));
  const { response: answer } = await decode(response);
  assert.deepEqual([response.status, answer.allowed, answer.patch], [200, true, undefined]);
  assert.deepEqual(webhook.metrics.of('decided'), [
    [{ outcome: 'unchanged', reason: 'POD_MALFORMED', method: 'none' }],
  ]);
  assert.equal(webhook.log.lines[0]?.fields.field, 'pod.spec.containers');
  assert.doesNotMatch(JSON.stringify(webhook.log.lines), /hunter2/);
});

test('an internal error is answered with 500 and an AdmissionReview, without stack or content, and the next request is served', async (t) => {
  let calls = 0;
  const webhook = await startWebhook(t, {
    lookup: () => {
      if (calls++ === 0) throw new Error('broken by hunter2');
      return { outcome: 'cached', annotations: {} };
    },
  });
  const failed = await webhook.post(JSON.stringify(review(pod)));
  assert.equal(failed.status, 500);
  const text = await failed.text();
  assert.equal((JSON.parse(text) as Body).response.allowed, false);
  assert.doesNotMatch(text, /hunter2|at |\.ts/);
  assert.doesNotMatch(JSON.stringify(webhook.log.lines), /hunter2/);
  assert.deepEqual(webhook.metrics.of('survived'), [['INTERNAL']]);
  assert.equal((await webhook.post(JSON.stringify(review(pod)))).status, 200);
});

test('no log line holds a pod body or an env value', async (t) => {
  const webhook = await startWebhook(t);
  await webhook.post(JSON.stringify(review(pod)));
  await webhook.post(`${JSON.stringify(review(pod))}trailing`);
  assert.equal(webhook.log.lines.filter(({ message }) => /mutated|refused/.test(message)).length, 2);
  assert.doesNotMatch(JSON.stringify(webhook.log.lines), /hunter2|SECRET/);
});

test('a uid that is none does not flood the log', async (t) => {
  const webhook = await startWebhook(t);
  const uid = 'u'.repeat(100_000);
  const { response } = await decode(await webhook.post(JSON.stringify(review(pod, { uid }))));
  assert.equal(response.uid, uid);
  await webhook.post(JSON.stringify(review(null, { uid })));
  const lines = webhook.log.lines.filter(({ fields }) => fields.uid !== undefined);
  assert.equal(lines.length, 2);
  for (const line of lines) assert.ok(JSON.stringify(line).length < 4000);
});

test('a decision is one log line with named fields', async (t) => {
  const webhook = await startWebhook(t);
  await webhook.post(JSON.stringify(review(pod, { dryRun: true })));
  const lines = webhook.log.lines.filter(({ v }) => v === undefined);
  assert.deepEqual(lines, [
    {
      level: 'info',
      module: 'http/mutate',
      message: 'pod mutated',
      fields: {
        namespace: 'shop',
        pod: 'shelf',
        serviceAccount: 'reader',
        role,
        containers: 1,
        dryRun: true,
        uid: request.uid,
        reason: 'MUTATED',
        ms: 0,
      },
    },
  ]);
});

test('the lookup gets the deadline that the API server put into the URL, less a reserve', async (t) => {
  const deadlines: number[] = [];
  const webhook = await startWebhook(t, {
    lookup: (_account, deadlineMs) => {
      deadlines.push(deadlineMs);
      return { outcome: 'cached', annotations: {} };
    },
  });
  await webhook.post(JSON.stringify(review(pod)), { path: '/mutate?timeout=3s' });
  await webhook.post(JSON.stringify(review(pod)));
  assert.deepEqual(deadlines, [2500, 9500]);
});

for (const [timeout, ms] of [
  ['1s', 800],
  ['3s', 2500],
  ['1h', 29_500],
  ['x', 9500],
  ['-1s', 9500],
  ['', 9500],
] as const) {
  test(`a timeout of ${timeout} leaves ${ms} ms`, () => assert.equal(patienceMs(`timeout=${timeout}`), ms));
}
