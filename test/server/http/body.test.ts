import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { review } from '../../support/reviews.ts';
import { startWebhook } from '../../support/webhook.ts';

const pod = { metadata: { name: 'shelf' }, spec: { serviceAccountName: 'reader', containers: [{ name: 'app' }] } };

test('a compressed body is read like a plain one', async (t) => {
  const webhook = await startWebhook(t);
  const response = await fetch(`${webhook.url}/mutate`, {
    method: 'POST',
    body: new Uint8Array(gzipSync(JSON.stringify(review(pod)))),
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  });
  assert.match(await response.text(), /"patchType":"JSONPatch"/);
});

test('a charset parameter of the content type is accepted', async (t) => {
  const webhook = await startWebhook(t);
  for (const type of ['application/json; charset=utf-8', 'application/json;charset="UTF-8";v=1']) {
    assert.equal((await webhook.post(JSON.stringify(review(pod)), { type })).status, 200);
  }
});

for (const type of [
  'text/plain',
  'application/jsonx',
  'application/x-www-form-urlencoded',
  'application/json; charset=utf-16',
  '',
]) {
  test(`content type ${JSON.stringify(type)} is refused with 415 in plain text`, async (t) => {
    const webhook = await startWebhook(t);
    const response = await webhook.post(JSON.stringify(review(pod)), { type });
    assert.equal(response.status, 415);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(await response.text(), /send application\/json/);
  });
}

test('a body over the limit is refused with 413, whether its length is announced or not', async (t) => {
  const webhook = await startWebhook(t, { maxRequestBytes: 1024 });
  const large = JSON.stringify(review({ ...pod, filler: 'x'.repeat(2000) }));
  assert.equal((await webhook.post(large)).status, 413);
  const chunked = new Blob([large]).stream();
  const response = await fetch(`${webhook.url}/mutate`, {
    method: 'POST',
    body: chunked,
    duplex: 'half',
    headers: { 'content-type': 'application/json' },
  } as RequestInit);
  assert.equal(response.status, 413);
  assert.match(await response.text(), /1024 bytes: --max-request-bytes/);
});

test('a compressed body that unpacks to more than the limit is refused with 413', async (t) => {
  const webhook = await startWebhook(t, { maxRequestBytes: 10_000 });
  const response = await fetch(`${webhook.url}/mutate`, {
    method: 'POST',
    body: new Uint8Array(gzipSync(' '.repeat(1_000_000))),
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  });
  assert.equal(response.status, 413);
});

test('a client that goes away in the middle of its body leaves nothing behind', async (t) => {
  const webhook = await startWebhook(t);
  const socket = net.connect(webhook.port, '127.0.0.1');
  socket.write(
    'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"kind"',
  );
  await new Promise((resolve) => socket.once('connect', resolve));
  await (await fetch(`${webhook.url}/livez`)).text();
  await new Promise((resolve) => socket.destroy().once('close', resolve));
  assert.equal((await webhook.post(JSON.stringify(review(pod)))).status, 200);
});
