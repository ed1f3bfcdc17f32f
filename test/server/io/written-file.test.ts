import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { replaceFile, UnwritableFileError } from '../../../server/io/written-file.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('makes the folder for its owner alone, and the file too, and leaves no draft', (t) => {
  const folder = join(tempFolder(t), 'new');
  const path = join(folder, 'tls.key');
  replaceFile({ flag: 'cert-dir', path, text: 'secret' });
  assert.equal(readFileSync(path, 'utf8'), 'secret');
  assert.deepEqual([modeOf(folder), modeOf(path)], [0o700, 0o600]);
  assert.deepEqual(readdirSync(folder), ['tls.key']);
});

test('tightens the mode of a file, and of a draft that a run cut short left behind', (t) => {
  const folder = tempFolder(t);
  const path = join(folder, 'tls.key');
  writeFileSync(path, 'old', { mode: 0o644 });
  writeFileSync(join(folder, '.tls.key.draft'), 'half', { mode: 0o644 });
  replaceFile({ flag: 'cert-dir', path, text: 'new' });
  assert.equal(readFileSync(path, 'utf8'), 'new');
  assert.equal(modeOf(path), 0o600);
});

test('names flag, path, the reason of the system and the way out when it cannot write', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const path = join(folder, 'file', 'tls.key');
  assert.throws(() => replaceFile({ flag: 'cert-dir', path, text: '' }), {
    constructor: UnwritableFileError,
    code: 'file-unwritable',
    message:
      `--cert-dir: cannot write ${path}: ENOTDIR: not a directory. ` +
      `Make ${join(folder, 'file')} a folder that this user may write to, or name another place with --cert-dir.`,
  });
});

test('does not wait for ever where the system refuses a folder as if its parent were not there', () => {
  assert.throws(() => replaceFile({ flag: 'cert-dir', path: '/proc/x/y/tls.key', text: '' }), {
    constructor: UnwritableFileError,
    message: /^--cert-dir: cannot write \/proc\/x\/y\/tls\.key: ENOENT/,
  });
});

test('leaves no draft when the file itself cannot be replaced', (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'tls.key', 'full'), { recursive: true });
  assert.throws(
    () => replaceFile({ flag: 'cert-dir', path: join(folder, 'tls.key'), text: 'secret' }),
    UnwritableFileError,
  );
  assert.deepEqual(readdirSync(folder), ['tls.key']);
});
