import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { review } from '../../support/reviews.ts';
import { startWebhook } from '../../support/webhook.ts';

test('an unknown path is answered with 404 that says where pods are reviewed', async (t) => {
  const { url } = await startWebhook(t);
  const response = await fetch(`${url}/mutat`);
  assert.equal(response.status, 404);
  assert.match(await response.text(), /"\/mutat": pods are reviewed at \/mutate/);
});

for (const [method, path, allow] of [
  ['GET', '/mutate', 'POST'],
  ['POST', '/healthz', 'GET, HEAD'],
  ['DELETE', '/metrics', 'GET, HEAD'],
] as const) {
  test(`${method} ${path} is answered with 405 and Allow: ${allow}`, async (t) => {
    const { url } = await startWebhook(t);
    const response = await fetch(`${url}${path}`, { method });
    assert.deepEqual([response.status, response.headers.get('allow')], [405, allow]);
  });
}

for (const [target, status] of [
  ['http://[', 404],
  ['http://shop:99999/mutate', 404],
  ['*', 404],
  ['http://shop/livez', 200],
  ['http://shop/livez?verbose', 200],
] as const) {
  test(`the request target ${target} is answered with ${status}`, async (t) => {
    const { port } = await startWebhook(t);
    const request = http.get({ host: '127.0.0.1', port, path: target, agent: false });
    const [response] = await once(request, 'response');
    response.resume();
    assert.equal(response.statusCode, status);
  });
}

test('a body that nobody reads is not waited for', async (t) => {
  const { url } = await startWebhook(t);
  for (const [path, method] of [
    ['/mutat', 'POST'],
    ['/healthz', 'PUT'],
  ] as const) {
    const response = await fetch(`${url}${path}`, { method, body: 'x'.repeat(100) });
    assert.equal(response.headers.get('connection'), 'close');
  }
});

test('HEAD is answered like GET without a body', async (t) => {
  const { url } = await startWebhook(t);
  const response = await fetch(`${url}/healthz`, { method: 'HEAD' });
  assert.deepEqual([response.status, await response.text()], [200, '']);
});

test('/healthz is 200 ok when every check passes', async (t) => {
  const { url } = await startWebhook(t, { checks: { identities: () => undefined } });
  const response = await fetch(`${url}/healthz`);
  assert.deepEqual([response.status, await response.text()], [200, 'ok']);
});

test('/healthz and /readyz are 503 with the reasons, while /livez stays 200', async (t) => {
  const { url } = await startWebhook(t, {
    checks: { identities: () => 'first list not complete', certificate: () => undefined },
  });
  for (const path of ['/healthz', '/readyz']) {
    const response = await fetch(url + path);
    assert.deepEqual([response.status, await response.text()], [503, 'identities: first list not complete']);
  }
  assert.equal((await fetch(`${url}/livez`)).status, 200);
});

test('/readyz?verbose lists each check', async (t) => {
  const { url } = await startWebhook(t, { checks: { identities: () => 'not yet', certificate: () => undefined } });
  const text = await (await fetch(`${url}/readyz?verbose`)).text();
  assert.equal(text, '[-]identities failed: not yet\n[+]certificate ok\nnot ready');
});

test('/metrics shows the exposition', async (t) => {
  const { url } = await startWebhook(t);
  const response = await fetch(`${url}/metrics`);
  assert.deepEqual(
    [response.headers.get('content-type'), await response.text()],
    ['text/plain; version=0.0.4; charset=utf-8', 'up 1\n'],
  );
});

test('/debug/alpha is not served unless asked for', async (t) => {
  const { url } = await startWebhook(t);
  assert.equal((await fetch(`${url}/debug/alpha/cache`)).status, 404);
});

test('/debug/alpha shows and clears the cache, denies and fails on demand', async (t) => {
  const { url, post, identities } = await startWebhook(t, { enableDebuggingHandlers: true });
  assert.deepEqual(Object.keys((await (await fetch(`${url}/debug/alpha/cache`)).json()) as object), ['shop/reader']);
  assert.equal((await fetch(`${url}/debug/alpha/cache/clear`)).status, 200);
  assert.equal(identities.cleared, 1);
  const betaReview = { ...review({}), apiVersion: 'admission.k8s.io/v1beta1' };
  const denied = await post(JSON.stringify(betaReview), { path: '/debug/alpha/deny' });
  const { apiVersion, response } = (await denied.json()) as {
    apiVersion: string;
    response: { allowed: boolean; uid: string; status: { code: number } };
  };
  assert.equal(apiVersion, betaReview.apiVersion);
  assert.deepEqual([response.allowed, response.uid, response.status.code], [false, review({}).request.uid, 403]);
  assert.equal((await fetch(`${url}/debug/alpha/500`)).status, 500);
});

test('every request is counted with its path, status and seconds', async (t) => {
  const { url, metrics } = await startWebhook(t);
  await fetch(`${url}/livez`);
  assert.deepEqual(metrics.of('requested'), [['/livez', 200, 0]]);
});
