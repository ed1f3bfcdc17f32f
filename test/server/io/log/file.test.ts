import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LogFile } from '../../../../server/io/log/file.ts';
import { temporaryFolder } from './opened-log.ts';

function openFile(t: TestContext, path: string) {
  const file = new LogFile({ path, limitBytes: 10, header: () => '#' });
  t.after(() => file.close());
  const append = (text: string) => {
    file.makeRoom(text.length);
    writeSync(file.fd, text);
  };
  return { file, append };
}

test('is begun anew, with its header, when it would grow beyond its limit, and keeps one old file', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const { append } = openFile(t, path);
  for (const text of ['aaaa', 'bbbbb', 'cccc', 'dddddd']) append(text);
  assert.deepEqual([readFileSync(path, 'utf8'), readFileSync(`${path}.1`, 'utf8')], ['#dddddd', '#cccc']);
});

test('goes on in a file that is there, and counts what it holds', (t) => {
  const path = join(temporaryFolder(t), 'log');
  writeFileSync(path, 'old');
  const { append } = openFile(t, path);
  append('123456');
  assert.equal(readFileSync(path, 'utf8'), 'old#123456');
  append('7');
  assert.equal(readFileSync(path, 'utf8'), '#7');
});

test('stays in the full file when that cannot be renamed, and tries again a limit later', (t) => {
  const path = join(temporaryFolder(t), 'log');
  mkdirSync(join(`${path}.1`, 'in-the-way'), { recursive: true });
  const { file, append } = openFile(t, path);
  append('12345678');
  assert.throws(() => file.makeRoom(8), { syscall: 'rename' });
  writeSync(file.fd, 'x');
  assert.equal(readFileSync(path, 'utf8'), '#12345678x');
  assert.doesNotThrow(() => file.makeRoom(2));
  assert.throws(() => file.makeRoom(1), { syscall: 'rename' });
});
