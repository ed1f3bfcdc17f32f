import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { test } from 'node:test';
import { systemReason } from '../../../server/io/system-error.ts';

function reasonOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    return systemReason(error);
  }
  return 'nothing went wrong';
}

test('leaves out call and path, which the caller names', () => {
  assert.equal(
    reasonOf(() => readFileSync("/no/such, file '")),
    'ENOENT: no such file or directory',
  );
  assert.equal(
    reasonOf(() => renameSync('/no/such', '/other')),
    'ENOENT: no such file or directory',
  );
  assert.equal(
    reasonOf(() => readFileSync('/')),
    'EISDIR: illegal operation on a directory',
  );
});

test('gives what the system did not say as it is', () => {
  assert.equal(systemReason(new Error('broken, that is all')), 'broken, that is all');
  assert.equal(systemReason('text'), 'text');
});
