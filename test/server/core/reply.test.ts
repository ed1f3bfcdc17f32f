import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { requestFault, type Warning, warn } from '../../../server/core/faults.ts';
import { allow, refuse } from '../../../server/core/reply.ts';

const v1 = { apiVersion: 'admission.k8s.io/v1', uid: 'u' } as const;

const arbitraryWarnings: fc.Arbitrary<Warning[]> = fc.array(
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => ({ code: 'ACCOUNT_MISSING', text })),
  { maxLength: 100 },
);

test('warnings have at most 120 characters each and 4096 bytes in all, whatever they say', () =>
  fc.assert(
    fc.property(arbitraryWarnings, (given) => {
      const { warnings } = allow(v1, [], given);
      assert.ok(warnings.every((text) => text.length <= 120));
      assert.ok(Buffer.byteLength(warnings.join('')) <= 4096);
    }),
  ));

test('as many warnings as fit are told, the first ones first', () => {
  const given = Array.from(
    { length: 100 },
    (_, i): Warning => ({ code: 'ACCOUNT_MISSING', text: `${i} `.padEnd(86, 'x') }),
  );
  const { warnings } = allow(v1, [], given);
  assert.equal(warnings.length, 40);
  assert.ok(warnings.every((text, i) => text.startsWith(`pod identity: ${i} `)));
});

test('a warning that is cut ends with an ellipsis and with no half a character', () => {
  const [text = ''] = allow(v1, [], [{ code: 'ACCOUNT_MISSING', text: '😀'.repeat(100) }]).warnings;
  assert.ok(text.endsWith('😀…'));
  assert.ok(text.isWellFormed());
});

test('the same warning is told once', () => {
  const twice = [warn('ACCOUNT_MISSING', 'a'), warn('ACCOUNT_MISSING', 'a')];
  assert.equal(allow(v1, [], twice).warnings.length, 1);
});

test('v1beta1 has no warnings', () => {
  const reply = allow({ ...v1, apiVersion: 'admission.k8s.io/v1beta1' }, [], [warn('ACCOUNT_MISSING', 'a')]);
  assert.deepEqual(reply.warnings, []);
});

test('a fault is refused with its status and text, and with the uid and version where the request had them', () => {
  const fault = { ...requestFault('FIELD_MISSING', 'request.object', 'the pod'), uid: 'u' };
  assert.deepEqual(refuse({ ...fault, apiVersion: 'admission.k8s.io/v1beta1' }), {
    apiVersion: 'admission.k8s.io/v1beta1',
    uid: 'u',
    isAllowed: false,
    patch: [],
    warnings: [],
    status: {
      code: 400,
      message: 'pod identity webhook: AdmissionReview: request.object is missing: it must be the pod',
    },
  });
  const { apiVersion, uid } = refuse(requestFault('NOT_JSON'));
  assert.deepEqual({ apiVersion, uid }, { apiVersion: 'admission.k8s.io/v1', uid: '' });
});
