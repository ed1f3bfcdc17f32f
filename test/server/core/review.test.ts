import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeReview } from '../../../server/core/review.ts';
import { review } from '../../support/reviews.ts';

const pod = { spec: { containers: [{ name: 'app' }] } };
const good = review(pod);
const { uid } = good.request;

const bodiesWithoutUid = {
  null: [null, 'the body is null'],
  'a list': [[good], 'the body is a list'],
  'a text': ['secret', 'the body is a string'],
  'a number': [5, 'the body is a number'],
  'no kind': [{ ...good, kind: undefined, request: undefined }, 'kind is missing'],
  'no request': [{ ...good, request: undefined }, 'request is missing'],
  'request null': [{ ...good, request: null }, 'request is missing'],
  'a request of another type': [{ ...good, request: 'secret' }, 'request is a string'],
  'no uid': [review(pod, { uid: undefined }), 'request.uid is missing'],
  'an empty uid': [review(pod, { uid: '' }), 'request.uid is ""'],
  'a uid of another type': [review(pod, { uid: 5 }), 'request.uid is a number'],
} as const;

for (const [what, [body, named]] of Object.entries(bodiesWithoutUid)) {
  test(`${what} gets 400, and the message says: ${named}`, () => {
    const fault = decodeReview(body);
    assert.ok('code' in fault);
    assert.equal(fault.status, 400);
    assert.ok(fault.text.startsWith(`AdmissionReview: ${named}: it must be `), fault.text);
    assert.equal(fault.uid, undefined);
    assert.ok(!fault.text.includes('secret'));
  });
}

const bodiesWithUid = {
  'another kind': [{ ...good, kind: 'Pod' }, 'kind is "Pod"'],
  'an unknown version': [{ ...good, apiVersion: 'admission.k8s.io/v2' }, 'apiVersion is "admission.k8s.io/v2"'],
  'no version': [{ ...good, apiVersion: undefined }, 'apiVersion is missing'],
  'no object': [review(undefined), 'request.object is missing'],
  'object null': [review(null), 'request.object is missing'],
  'object null and no resource': [review(null, { resource: undefined }), 'request.object is missing'],
  'an object of another type': [review('secret'), 'request.object is a string'],
  'a list as object': [review([pod]), 'request.object is a list'],
} as const;

for (const [what, [body, named]] of Object.entries(bodiesWithUid)) {
  test(`${what} gets 400 with the uid, and the message says: ${named}`, () => {
    const fault = decodeReview(body);
    assert.ok('code' in fault);
    assert.equal(fault.status, 400);
    assert.ok(fault.text.startsWith(`AdmissionReview: ${named}: it must be `), fault.text);
    assert.equal(fault.uid, uid);
    assert.ok(!fault.text.includes('secret'));
  });
}

for (const apiVersion of ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1']) {
  test(`${apiVersion} is echoed, in faults too`, () => {
    assert.equal(decodeReview({ ...good, apiVersion }).apiVersion, apiVersion);
    assert.equal(decodeReview({ ...review(null), apiVersion }).apiVersion, apiVersion);
  });
}

const others = {
  'an update': { operation: 'UPDATE' },
  'a deletion, which has no object': { operation: 'DELETE', object: null },
  'another resource': { resource: { group: 'apps', version: 'v1', resource: 'deployments' } },
  'pods of another group': { resource: { group: 'metrics.k8s.io', version: 'v1', resource: 'pods' } },
  'a subresource': { subResource: 'ephemeralcontainers' },
  'an object of another kind without a resource': { resource: undefined, object: { kind: 'Deployment' } },
};

for (const [what, request] of Object.entries(others)) {
  test(`${what} is no creation of a pod`, () => {
    const decoded = decodeReview(review(pod, request));
    assert.equal('kind' in decoded && decoded.kind, 'other');
  });
}

test('a pod without a resource is known by its kind', () => {
  const decoded = decodeReview(review({ kind: 'Pod', ...pod }, { resource: undefined }));
  assert.equal('kind' in decoded && decoded.kind, 'pod-creation');
});

test('the namespace is that of the request, never that of the metadata', () => {
  const decoded = decodeReview(review({ ...pod, metadata: { namespace: 'other' } }));
  assert.equal('namespace' in decoded && decoded.namespace, 'shop');
});

test('a dry run is known as one', () => {
  const decoded = decodeReview(review(pod, { dryRun: true }));
  assert.equal('isDryRun' in decoded && decoded.isDryRun, true);
});

const malformed = {
  'pod.spec': {},
  'pod.spec.containers': { spec: { containers: 5 } },
  'pod.spec.containers[1]': { spec: { containers: [{ name: 'a' }, null] } },
  'pod.spec.containers[0].name': { spec: { containers: [{}] } },
  'pod.spec.containers[0].env': { spec: { containers: [{ name: 'a', env: {} }] } },
  'pod.spec.containers[0].env[0].name': { spec: { containers: [{ name: 'a', env: [{ name: 5 }] }] } },
  'pod.spec.containers[0].volumeMounts[0].mountPath': {
    spec: { containers: [{ name: 'a', volumeMounts: [{ name: 'v' }] }] },
  },
  'pod.spec.initContainers': { spec: { containers: [], initContainers: 'x' } },
  'pod.spec.volumes[0]': { spec: { containers: [], volumes: ['x'] } },
  'pod.spec.nodeSelector': { spec: { containers: [], nodeSelector: { a: 1 } } },
  'pod.spec.serviceAccountName': { spec: { containers: [], serviceAccountName: '..' } },
  'pod.metadata': { metadata: [], spec: { containers: [] } },
  'pod.metadata.name': { metadata: { name: { toString: 1 } }, spec: { containers: [] } },
  'pod.metadata.annotations': { metadata: { annotations: { a: {} } }, spec: { containers: [] } },
  'pod.metadata.labels': { metadata: { labels: [] }, spec: { containers: [] } },
};

for (const [field, object] of Object.entries(malformed)) {
  test(`a pod whose ${field} is of another type is malformed, and the field is named`, () => {
    const decoded = decodeReview(review(object));
    assert.ok('kind' in decoded && decoded.kind === 'malformed-pod');
    assert.equal(decoded.problem.field, field);
  });
}

for (const name of ['..', '.', 'a/b', 'A', 'a%2f', 'a'.repeat(254)]) {
  test(`a pod of account ${name.slice(0, 9)} is malformed: no account can have that name`, () => {
    const decoded = decodeReview(review({ spec: { containers: [], serviceAccountName: name } }));
    assert.equal('problem' in decoded && decoded.problem.field, 'pod.spec.serviceAccountName');
  });
}

for (const namespace of ['', '..', 'a/b', 'Shop', '\ud800', '-', 'a\n', 'a'.repeat(64), 5, null]) {
  test(`a pod of the namespace ${JSON.stringify(namespace)} is malformed: none can have that name`, () => {
    const decoded = decodeReview(review(pod, { namespace }));
    assert.equal('problem' in decoded && decoded.problem.field, 'request.namespace');
  });
}
