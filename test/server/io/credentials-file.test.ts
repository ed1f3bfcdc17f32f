import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { IdentityFacts } from '../../../server/core/types.ts';
import { CredentialsFile } from '../../../server/io/credentials-file.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { RecordingMetrics } from '../../support/recording-metrics.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const plain: IdentityFacts = Object.freeze({ outcome: 'cached', annotations: {} });

function naming(...names: readonly string[]): string {
  return JSON.stringify({ identities: names.map((serviceAccount) => ({ namespace: 'team', serviceAccount })) });
}

function setUp(t: TestContext, name = 'identities.json') {
  const folder = tempFolder(t);
  const path = join(folder, name);
  const clock = new FakeClock();
  const log = new RecordingLog();
  const metrics = new RecordingMetrics();
  const source = new CredentialsFile({ path, resyncMs: 60_000, clock, log, metrics });
  t.after(() => source.stop());
  const isNamed = (account: string) => source.add(plain, { namespace: 'team', name: account }) !== plain;
  return {
    ...{ folder, path, clock, log, metrics, source },
    named: () => ['one', 'two', 'three'].filter(isNamed),
    counted: () => metrics.of('survived').map(([code]) => code),
    async put(text: string) {
      writeFileSync(path, text);
      await clock.advance(1000);
    },
  };
}

test('adds that the file names the account, and leaves the facts of others as they are', (t) => {
  const { source, path } = setUp(t);
  writeFileSync(path, naming('one'));
  source.start();
  assert.deepEqual(source.add(plain, { namespace: 'team', name: 'one' }), { ...plain, hasContainerCredentials: true });
  assert.equal(source.add(plain, { namespace: 'other', name: 'one' }), plain);
  assert.deepEqual([...source.accounts()], [{ namespace: 'team', name: 'one' }]);
});

test('follows edits; an empty file names nobody once it has stayed empty for two seconds', async (t) => {
  const { source, path, named, put, clock } = setUp(t);
  writeFileSync(path, naming('one'));
  source.start();
  await put(naming('one', 'two'));
  assert.deepEqual(named(), ['one', 'two']);
  await put('');
  assert.deepEqual(named(), ['one', 'two']);
  await clock.advance(2000);
  assert.deepEqual(named(), []);
});

test('a file that is missing at the start is reported, makes nothing unready, and is taken in when it comes', async (t) => {
  const { source, path, named, put, counted, log } = setUp(t);
  source.start();
  assert.equal(source.readiness(), undefined);
  assert.deepEqual(named(), []);
  assert.deepEqual(log.lines[0]?.fields, {
    code: 'credentials-file-unreadable',
    reason: `--watch-container-credentials-config ${path}: cannot be read: ENOENT: no such file or directory; put it there, readable for this user, or name another file`,
  });
  await put(naming('one'));
  assert.deepEqual(named(), ['one']);
  assert.deepEqual(counted(), ['credentials-file-unreadable']);
});

test('keeps what the file said last while it is truncated, and takes in what is written then', async (t) => {
  const { source, path, named, put, counted, clock } = setUp(t);
  writeFileSync(path, naming('one'));
  source.start();
  truncateSync(path, 20);
  await clock.advance(1000);
  assert.deepEqual(named(), ['one']);
  assert.deepEqual(counted(), ['credentials-file-not-json']);
  truncateSync(path, 0);
  await clock.advance(1000);
  assert.deepEqual(named(), ['one']);
  await put(naming('two'));
  await clock.advance(10_000);
  assert.deepEqual(named(), ['two']);
  assert.equal(counted().length, 1);
});

test('follows a file that is replaced by rename, and keeps what one said that is removed', async (t) => {
  const { source, path, named, counted, clock } = setUp(t);
  writeFileSync(path, naming('one'));
  source.start();
  writeFileSync(`${path}.new`, naming('two'));
  renameSync(`${path}.new`, path);
  await clock.advance(1000);
  assert.deepEqual(named(), ['two']);
  rmSync(path);
  await clock.advance(1000);
  assert.deepEqual(named(), ['two']);
  assert.deepEqual(counted(), ['credentials-file-unreadable']);
});

test('follows a mounted ConfigMap through its ..data link, in folders that it may not write to', async (t) => {
  const { source, folder, path, named, clock } = setUp(t);
  const revise = (revision: string, text: string) => {
    mkdirSync(join(folder, revision));
    writeFileSync(join(folder, revision, 'identities.json'), text, { mode: 0o400 });
    symlinkSync(revision, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  revise('..2024_1', naming('one'));
  symlinkSync(join('..data', 'identities.json'), path);
  source.start();
  assert.deepEqual(named(), ['one']);
  revise('..2024_2', naming('two'));
  await clock.advance(1000);
  assert.deepEqual(named(), ['two']);
});

test('a bad entry keeps what the file said last; in the first file the others count', async (t) => {
  const { source, path, named, put } = setUp(t);
  const withBad = (name: string) => naming(name).replace('[', '[5,');
  writeFileSync(path, withBad('one'));
  source.start();
  assert.deepEqual(named(), ['one']);
  await put(naming('two'));
  await put(withBad('three'));
  assert.deepEqual(named(), ['two']);
  await put(naming('three'));
  assert.deepEqual(named(), ['three']);
});

test('reads anew when it is cleared, and leaves no timer behind when it stops', async (t) => {
  const { source, path, named, put, clock } = setUp(t);
  writeFileSync(path, naming('one'));
  source.start();
  source.clear();
  assert.deepEqual(named(), ['one']);
  await put('');
  source.stop();
  assert.equal(clock.pending, 0);
});
