import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeEvent, decodeMetadataEvent, statusOf } from '../../../../server/io/kube/watch-event.ts';

/** Both ways of decoding, which agree on all that the other tests give. */
const decode = (event: unknown) => {
  const line = Buffer.from(JSON.stringify(event));
  assert.deepEqual(decodeMetadataEvent(line), decodeEvent(line));
  return decodeEvent(line);
};
const metadata = { name: 'a', namespace: 'n', resourceVersion: '7' };

test('tells additions, changes and deletions with their resource version', () => {
  const object = { metadata };
  assert.deepEqual(decode({ type: 'ADDED', object }), { kind: 'put', object, resourceVersion: '7' });
  assert.deepEqual(decode({ type: 'MODIFIED', object }), { kind: 'put', object, resourceVersion: '7' });
  assert.deepEqual(decode({ type: 'DELETED', object }), { kind: 'delete', object, resourceVersion: '7' });
});

test('tells the bookmark that ends the first state from the others', () => {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  const bookmark = { kind: 'bookmark', resourceVersion: '9' };
  const object = { metadata: { resourceVersion: '9' } };
  assert.deepEqual(decode({ type: 'BOOKMARK', object }), { ...bookmark, isInitialEnd: false });
  const end = { metadata: { resourceVersion: '9', annotations } };
  assert.deepEqual(decode({ type: 'BOOKMARK', object: end }), { ...bookmark, isInitialEnd: true });
});

test('reads an error and the wait it asks for', () => {
  const object = { code: 429, message: 'slow down', details: { retryAfterSeconds: 3 } };
  assert.deepEqual(decode({ type: 'ERROR', object }), {
    kind: 'error',
    status: 429,
    reason: 'slow down',
    retryAfterMs: 3000,
  });
  assert.deepEqual(decode({ type: 'ERROR', object: null }), { kind: 'error', status: 500, reason: 'no reason given' });
});

test('believes the status of the answer, not of its body', () => {
  assert.deepEqual(statusOf({ code: 200, reason: 'Odd' }, 503), { status: 503, reason: 'Odd' });
});

test('calls anything else garbled, and never throws', () => {
  for (const line of [
    '',
    '7',
    'null',
    '{}',
    '{"type":"ADDED"}',
    '{"type":"ADDED","object":{}}',
    '{"type":"NEW","object":{"metadata":{"name":"a"}}}',
    '{"type":"ADDED","object":{"metadata":{}}}',
  ]) {
    assert.deepEqual(decodeEvent(Buffer.from(line)), { kind: 'garbled' }, line);
    assert.deepEqual(decodeMetadataEvent(Buffer.from(line)), { kind: 'garbled' }, line);
  }
  fc.assert(fc.property(fc.json(), (line) => void decodeEvent(Buffer.from(line))));
  fc.assert(fc.property(fc.json(), (line) => void decodeMetadataEvent(Buffer.from(line))));
});

test('leaves out what is not asked for where only the metadata is wanted', () => {
  const asked = { ...metadata, creationTimestamp: '2024-05-01T12:00:00Z', annotations: { a: '"b"' } };
  const object = { kind: 'ServiceAccount', metadata: { uid: 'u', managedFields: [{}], ...asked }, secrets: [] };
  const line = Buffer.from(JSON.stringify({ type: 'ADDED', object }));
  assert.deepEqual(decodeMetadataEvent(line), { kind: 'put', object: { metadata: asked }, resourceVersion: '7' });
});
