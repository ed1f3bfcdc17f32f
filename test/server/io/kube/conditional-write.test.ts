import assert from 'node:assert/strict';
import { test } from 'node:test';
import { access } from '../../../../contract/access.ts';
import type { KubeClient, KubeReply, KubeRequest } from '../../../../server/io/kube/client.ts';
import { writeObject } from '../../../../server/io/kube/conditional-write.ts';
import type { KubeFailure } from '../../../../server/io/kube/exchange.ts';
import { refusal } from '../../../support/fake-objects.ts';

const object = { metadata: { name: 'a', resourceVersion: '2' } };

/** Sends one change to a server that answers so, and returns the outcome and what was sent. */
async function write(method: 'POST' | 'PUT' | 'PATCH', reply: KubeReply | KubeFailure) {
  const sent: KubeRequest[] = [];
  const send = async (request: KubeRequest) => {
    sent.push(request);
    return reply;
  };
  const { signal } = new AbortController();
  const outcome = await writeObject({ send } as unknown as KubeClient, {
    method,
    path: '/api/v1/namespaces/eks/secrets/a',
    body: object,
    access: access.secret,
    objectName: 'a',
    signal,
  });
  return { outcome, sent };
}

test('returns the object as it was written, under the name of the webhook', async () => {
  const { outcome, sent } = await write('PUT', { kind: 'reply', status: 200, body: object });
  assert.deepEqual(outcome, { kind: 'written', object });
  assert.equal(sent[0]?.path, '/api/v1/namespaces/eks/secrets/a?fieldManager=pod-identity-webhook');
  assert.equal(sent[0]?.contentType, undefined);
});

test('sends a patch as a JSON patch', async () => {
  const { sent } = await write('PATCH', { kind: 'reply', status: 200, body: object });
  assert.equal(sent[0]?.contentType, 'application/json-patch+json');
});

for (const [method, status, kind] of [
  ['POST', 409, 'conflict'],
  ['PUT', 409, 'conflict'],
  ['PUT', 404, 'conflict'],
  ['PATCH', 422, 'conflict'],
  ['PATCH', 404, 'conflict'],
  ['POST', 404, 'failed'],
  ['PUT', 422, 'failed'],
  ['POST', 500, 'failed'],
] as const) {
  test(`takes ${status} of ${method} for a write that ${kind === 'failed' ? 'has failed' : 'was too late'}`, async () => {
    const { outcome } = await write(method, refusal(status, 'because'));
    assert.equal(outcome.kind, kind);
    assert.match('reason' in outcome ? outcome.reason : '', /because$/);
  });
}

test('names verb, object and role of a right that is missing, and what the server says', async () => {
  const { outcome } = await write('PUT', refusal(403, 'no RBAC policy matched'));
  assert.match(
    'reason' in outcome ? outcome.reason : '',
    /^The API server forbids "update" of secrets "a": the Role .* as the one does that the constructs render with these flags .*; .* \(no RBAC policy matched\)$/,
  );
});

test('hands on how long the server asks to wait, and why there was no answer', async () => {
  const busy = await write('PUT', { ...refusal(429, 'busy'), retryAfterMs: 3000 });
  assert.deepEqual(busy.outcome, { kind: 'failed', reason: 'update: 429 busy', retryAfterMs: 3000 });
  const away = await write('PUT', { kind: 'unreachable', reason: 'connect ECONNREFUSED' });
  assert.deepEqual(away.outcome, { kind: 'failed', reason: 'update: connect ECONNREFUSED' });
});
