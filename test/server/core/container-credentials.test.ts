import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeCredentialsFile } from '../../../server/core/container-credentials.ts';

test('reads the service accounts that the file names, and passes over fields that it does not know', () => {
  const text = '{"identities": [{"namespace": "n", "serviceAccount": "s", "more": 1}], "version": 2}';
  assert.deepEqual(decodeCredentialsFile(text), { accounts: [{ namespace: 'n', name: 's' }], faults: [] });
});

for (const text of ['', ' \n', '{}', '{"identities": null}', '{"identities": []}']) {
  test(`${JSON.stringify(text)} names nobody`, () =>
    assert.deepEqual(decodeCredentialsFile(text), { accounts: [], faults: [] }));
}

for (const text of [
  '{"identities": [{"namespace": "n"',
  'null',
  '[]',
  '5',
  '{"identities": {}}',
  '{"identities": "n/s"}',
]) {
  test(`${JSON.stringify(text)} is broken`, () =>
    assert.deepEqual(decodeCredentialsFile(text), {
      accounts: [],
      faults: [
        {
          code: 'credentials-file-not-json',
          message: 'must hold JSON, {"identities": [{"namespace": "...", "serviceAccount": "..."}]}, or nothing',
        },
      ],
    }));
}

test('names each entry that names nobody, and gives the others', () => {
  const identities = [5, {}, { namespace: 'n', serviceAccount: '' }, { namespace: 'n', serviceAccount: ['s'] }];
  const { accounts, faults } = decodeCredentialsFile(
    JSON.stringify({ identities: [...identities, { namespace: 'n', serviceAccount: 's' }] }),
  );
  assert.deepEqual(accounts, [{ namespace: 'n', name: 's' }]);
  assert.deepEqual(
    faults.map(({ code, message }) => [code, message]),
    [
      'identities[0] must be an object, not a number',
      'identities[1].namespace must be a name, not absent',
      'identities[2].serviceAccount must be a name, not empty',
      'identities[3].serviceAccount must be a name, not a list',
    ].map((message) => ['credentials-file-bad-entry', message]),
  );
});

test('never throws, and gives only names', () => {
  const entry = fc.record({ namespace: fc.jsonValue(), serviceAccount: fc.jsonValue() }, { requiredKeys: [] });
  const file = fc.record({ identities: fc.oneof(fc.array(fc.oneof(entry, fc.jsonValue())), fc.jsonValue()) });
  fc.assert(
    fc.property(
      fc.oneof(
        file.map((value) => JSON.stringify(value)),
        fc.string(),
      ),
      (text) => {
        for (const { namespace, name } of decodeCredentialsFile(text).accounts) {
          assert.ok(typeof namespace === 'string' && namespace !== '' && typeof name === 'string' && name !== '');
        }
      },
    ),
  );
});
