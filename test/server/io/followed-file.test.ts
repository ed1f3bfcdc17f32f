import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type FilesRead, followFiles } from '../../../server/io/followed-file.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { tempFolder } from '../../support/temp-folder.ts';

function follow(t: TestContext, paths: readonly string[], endings?: readonly string[]) {
  const clock = new FakeClock();
  const calls: FilesRead[] = [];
  const options = { paths, resyncMs: 60_000, clock, ...(endings && { endings }) };
  const stop = followFiles(options, (files) => calls.push(files));
  t.after(stop);
  return { clock, calls, stop, last: () => Object.fromEntries(calls.at(-1) ?? []) };
}

test('gives the content before it returns, and once only while nothing changes', async (t) => {
  const file = join(tempFolder(t), 'a');
  writeFileSync(file, 'one');
  const { clock, calls, last } = follow(t, [file]);
  assert.deepEqual(last(), { [file]: { text: 'one' } });
  await clock.advance(300_000);
  assert.equal(calls.length, 1);
});

test('sees an edit in place within a second', async (t) => {
  const file = join(tempFolder(t), 'a');
  writeFileSync(file, 'one');
  const { clock, last } = follow(t, [file]);
  writeFileSync(file, 'edited');
  await clock.advance(1000);
  assert.deepEqual(last(), { [file]: { text: 'edited' } });
});

test('sees a file that is renamed into place', async (t) => {
  const folder = tempFolder(t);
  const file = join(folder, 'a');
  writeFileSync(file, 'one');
  const { clock, last } = follow(t, [file]);
  writeFileSync(join(folder, 'b'), 'two');
  renameSync(join(folder, 'b'), file);
  await clock.advance(1000);
  assert.deepEqual(last(), { [file]: { text: 'two' } });
});

test("sees the kubelet's swap of the ..data link", async (t) => {
  const folder = tempFolder(t);
  for (const generation of ['..1', '..2']) {
    mkdirSync(join(folder, generation));
    writeFileSync(join(folder, generation, 'tls.crt'), generation);
  }
  symlinkSync('..1', join(folder, '..data'));
  symlinkSync('..data/tls.crt', join(folder, 'tls.crt'));
  const { clock, last } = follow(t, [join(folder, 'tls.crt')]);
  symlinkSync('..2', join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  rmSync(join(folder, '..1'), { recursive: true });
  await clock.advance(1000);
  assert.deepEqual(last(), { [join(folder, 'tls.crt')]: { text: '..2' } });
});

test('says why a file cannot be read, and picks it up when it appears', async (t) => {
  const file = join(tempFolder(t), 'a');
  const { clock, calls, last } = follow(t, [file]);
  assert.deepEqual(last(), { [file]: { failure: 'ENOENT: no such file or directory' } });
  writeFileSync(file, 'one');
  await clock.advance(1000);
  assert.deepEqual(last(), { [file]: { text: 'one' } });
  unlinkSync(file);
  await clock.advance(5000);
  assert.deepEqual(last(), { [file]: { failure: 'ENOENT: no such file or directory' } });
  assert.equal(calls.length, 3);
});

test('does nothing for a file that is touched but says the same', async (t) => {
  const file = join(tempFolder(t), 'a');
  writeFileSync(file, 'one');
  const { clock, calls } = follow(t, [file]);
  utimesSync(file, 1, 1);
  await clock.advance(1000);
  writeFileSync(file, 'one');
  await clock.advance(1000);
  assert.equal(calls.length, 1);
});

test('refuses a folder where a file should be', (t) => {
  const folder = tempFolder(t);
  assert.deepEqual(follow(t, [folder]).last(), { [folder]: { failure: 'not a regular file' } });
});

test('takes the files of a folder that have the ending, sorted, not the hidden ones and not folders', (t) => {
  const folder = tempFolder(t);
  for (const name of ['b.yaml', 'a.json', '.hidden.yaml', 'c.txt']) writeFileSync(join(folder, name), name);
  mkdirSync(join(folder, 'folder.yaml'));
  const { calls } = follow(t, [folder], ['.yaml', '.json']);
  assert.deepEqual([...(calls[0]?.keys() ?? [])], [join(folder, 'a.json'), join(folder, 'b.yaml')]);
});

test('gives an empty folder as no files', (t) => {
  assert.deepEqual(follow(t, [tempFolder(t)], ['.yaml']).calls, [new Map()]);
});

test('keeps the same object for a file whose content stays while another changes', async (t) => {
  const folder = tempFolder(t);
  const [one, other] = [join(folder, 'a.yaml'), join(folder, 'b.yaml')];
  writeFileSync(one, 'one');
  writeFileSync(other, 'other');
  const { clock, calls } = follow(t, [folder], ['.yaml']);
  writeFileSync(other, 'changed');
  await clock.advance(1000);
  assert.equal(calls[1]?.get(one), calls[0]?.get(one));
  assert.deepEqual(calls[1]?.get(other), { text: 'changed' });
});

test('reads everything again after the resync period, whatever stat says', async (t) => {
  // another content every hundredth of a second, and always the same fingerprint
  const file = '/proc/uptime';
  if (!existsSync(file)) return t.skip('needs /proc');
  const { clock, calls, last } = follow(t, [file]);
  const before = last()[file];
  while (before && 'text' in before && readFileSync(file, 'utf8') === before.text);
  await clock.advance(59_000);
  assert.equal(calls.length, 1);
  await clock.advance(1000);
  assert.equal(calls.length, 2);
});

test('leaves no timer after the end', async (t) => {
  const { clock, stop } = follow(t, [join(tempFolder(t), 'a')]);
  assert.equal(clock.pending, 1);
  await clock.advance(10_000);
  assert.equal(clock.pending, 1);
  stop();
  assert.equal(clock.pending, 0);
});
