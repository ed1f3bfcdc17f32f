import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ManifestSource } from '../../../server/io/manifests.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { RecordingMetrics } from '../../support/recording-metrics.ts';
import { tempFolder } from '../../support/temp-folder.ts';

async function setUp(t: TestContext, name = '') {
  const folder = tempFolder(t);
  const path = join(folder, name);
  const clock = new FakeClock();
  const log = new RecordingLog();
  const metrics = new RecordingMetrics();
  const states = { known: 0 };
  const onState = () => void states.known++;
  const source = new ManifestSource({ path, resyncMs: 60_000, clock, log, metrics, onState });
  t.after(() => source.stop());
  const put = (file: string, text: string) => writeFileSync(join(folder, file), text);
  const roleOf = (account: string) => source.lookup({ namespace: 'ns', name: account }).annotations.role;
  const warnings = () => log.lines.filter(({ level }) => level === 'warning').map(({ fields }) => fields.reason);
  return { folder, path, clock, log, metrics, source, states, put, roleOf, warnings };
}

function account(name: string, role: string): string {
  const metadata = { namespace: 'ns', name, annotations: { role } };
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata })}\n`;
}

function configMap(config: object, namespace = 'eks'): string {
  const metadata = { namespace, name: 'pod-identity-webhook' };
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { config: JSON.stringify(config) } })}\n`;
}

test('answers from the manifests of a folder, and says missing for others', async (t) => {
  const { source, put } = await setUp(t);
  put('a.yaml', account('one', 'r1'));
  put('b.yml', account('two', 'r2'));
  put('c.json', configMap({ 'ns/two': { RoleARN: 'c2' }, '*/three': { RoleARN: 'c3' } }));
  put('notes.txt', 'not a manifest');
  source.start();
  assert.equal(source.readiness(), undefined);
  const lookup = (name: string) => source.lookup({ namespace: 'ns', name });
  assert.deepEqual(lookup('one'), { outcome: 'cached', annotations: { role: 'r1' } });
  assert.deepEqual(lookup('two'), { outcome: 'cached', annotations: { role: 'r2' }, configMap: { roleArn: 'c2' } });
  assert.deepEqual(lookup('three'), { outcome: 'cached', annotations: {}, configMap: { roleArn: 'c3' } });
  assert.deepEqual(lookup('four'), { outcome: 'missing', annotations: {} });
  assert.deepEqual([...source.snapshot().keys()].sort(), ['ns/one', 'ns/two']);
});

test('follows edits, new files and removed files', async (t) => {
  const { source, put, clock, roleOf, folder } = await setUp(t);
  put('a.yaml', account('one', 'r1'));
  source.start();
  put('a.yaml', account('one', 'edited'));
  put('b.yaml', account('two', 'r2'));
  await clock.advance(1000);
  assert.deepEqual([roleOf('one'), roleOf('two')], ['edited', 'r2']);
  unlinkSync(join(folder, 'b.yaml'));
  await clock.advance(1000);
  assert.deepEqual([roleOf('one'), roleOf('two')], ['edited', undefined]);
});

test('deleting the ConfigMap deletes its identities', async (t) => {
  const { source, put, clock, folder } = await setUp(t);
  put('c.yaml', configMap({ 'ns/one': { RoleARN: 'r' } }));
  source.start();
  unlinkSync(join(folder, 'c.yaml'));
  await clock.advance(1000);
  assert.equal(source.lookup({ namespace: 'ns', name: 'one' }).outcome, 'missing');
});

test('a ConfigMap with a bad key is reported and the rest of it counts; one that is no JSON changes nothing', async (t) => {
  const { source, put, clock, warnings, path } = await setUp(t, 'c.json');
  const roleOf = () => source.lookup({ namespace: 'ns', name: 'one' }).configMap?.roleArn;
  put('c.json', configMap({ 'ns/one': { RoleARN: 'r1' } }));
  source.start();
  put('c.json', configMap({ bad: {}, 'ns/one': { RoleARN: 'r2' } }));
  await clock.advance(1000);
  assert.equal(roleOf(), 'r2');
  put('c.json', configMap({}).replace('"{}"', '"{"'));
  await clock.advance(1000);
  assert.equal(roleOf(), 'r2');
  assert.deepEqual(warnings(), [
    `${path}:1: key "bad" must be <namespace>/<name>, with one slash; the entry is ignored`,
    `${path}:1: the ConfigMap's key "config" must hold a JSON object {"<namespace>/<name>": {"RoleARN": "..."}}`,
  ]);
});

test('keeps the last good content of a file through a broken edit, reports it once, and takes the mended one', async (t) => {
  const { source, put, clock, roleOf, warnings, metrics, path } = await setUp(t, 'a.yaml');
  put('a.yaml', account('one', 'good'));
  source.start();
  put('a.yaml', `${account('one', 'edited')}---\n{broken`);
  await clock.advance(120_000);
  assert.equal(roleOf('one'), 'good');
  assert.equal(warnings().length, 1);
  assert.match(String(warnings()[0]), new RegExp(`^${path}:3: not YAML`));
  assert.deepEqual(metrics.of('survived'), [['manifest-not-yaml']]);
  put('a.yaml', account('one', 'mended'));
  await clock.advance(1000);
  assert.deepEqual([roleOf('one'), source.faults], ['mended', []]);
});

test('uses the good manifests of a file that is broken from the start', async (t) => {
  const { source, put, roleOf, warnings } = await setUp(t);
  put('a.yaml', `${account('one', 'r')}---\nkind: ServiceAccount\n`);
  source.start();
  assert.equal(roleOf('one'), 'r');
  assert.equal(warnings().length, 1);
  assert.equal(source.readiness(), undefined);
});

test('uses more of a file that was broken from the start as more of it becomes good', async (t) => {
  const { source, put, roleOf, clock } = await setUp(t);
  put('a.yaml', `${account('one', 'r')}---\nkind: ServiceAccount\n---\nbroken\n`);
  source.start();
  put('a.yaml', `${account('one', 'r')}---\n${account('two', 'r2')}---\nbroken\n`);
  await clock.advance(1000);
  assert.deepEqual([roleOf('one'), roleOf('two')], ['r', 'r2']);
});

test('lets the first of two manifests of one account count and reports the other', async (t) => {
  const { source, put, roleOf, warnings, folder } = await setUp(t);
  put('a.yaml', account('one', 'first'));
  put('b.yaml', `${configMap({}, 'x')}---\n${account('one', 'second')}---\n${configMap({}, 'y')}`);
  source.start();
  assert.equal(roleOf('one'), 'first');
  const b = join(folder, 'b.yaml');
  assert.deepEqual(warnings(), [
    `${b}:3: ServiceAccount ns/one is also at ${join(folder, 'a.yaml')}:1, which counts; remove one`,
    `${b}:5: the ConfigMap of identities is also at ${b}:1, which counts; remove one`,
  ]);
});

test('is not ready while the path is missing, says so with flag, path and way out, and picks it up', async (t) => {
  const { source, states, path, clock, put, roleOf, warnings } = await setUp(t, 'folder');
  assert.equal(source.readiness(), `--identities-from ${path} has not been read yet`);
  source.start();
  const fault =
    `--identities-from ${path} cannot be read: ENOENT: no such file or directory; ` +
    'put a manifest or a folder of manifests there, readable for this user, or name another path';
  assert.equal(source.readiness(), fault);
  assert.deepEqual([warnings(), states.known], [[fault], 0]);
  mkdirSync(path);
  put('folder/a.yaml', account('one', 'r'));
  await clock.advance(1000);
  assert.deepEqual([source.readiness(), roleOf('one'), source.faults], [undefined, 'r', []]);
  put('folder/b.yaml', account('two', 'r'));
  await clock.advance(1000);
  assert.deepEqual([roleOf('two'), states.known], ['r', 1]);
});

test('keeps what it has, and stays ready, when the folder vanishes, and follows it when it is back', async (t) => {
  const { source, path, clock, put, roleOf, warnings } = await setUp(t, 'folder');
  mkdirSync(path);
  put('folder/a.yaml', account('one', 'r'));
  source.start();
  renameSync(path, `${path}-away`);
  await clock.advance(1000);
  assert.deepEqual([roleOf('one'), source.readiness(), warnings().length], ['r', undefined, 1]);
  renameSync(`${path}-away`, path);
  put('folder/a.yaml', account('one', 'edited'));
  await clock.advance(1000);
  assert.deepEqual([roleOf('one'), source.faults], ['edited', []]);
});

test('keeps what it has when the one file vanishes', async (t) => {
  const { source, path, clock, put, roleOf } = await setUp(t, 'a.yaml');
  put('a.yaml', account('one', 'r'));
  source.start();
  rmSync(path);
  await clock.advance(1000);
  assert.equal(roleOf('one'), 'r');
});

test('mentions manifests of other kinds only when asked to', async (t) => {
  const { source, put, log, folder } = await setUp(t);
  put('a.yaml', 'apiVersion: v1\nkind: Pod\n');
  source.start();
  const [line] = log.lines.filter(({ v }) => v !== undefined);
  assert.deepEqual([line?.v, line?.fields.manifest], [4, `${join(folder, 'a.yaml')}:1: Pod`]);
});

test('forgets and reads anew when cleared, with one timer as before', async (t) => {
  const { source, put, clock, roleOf } = await setUp(t);
  put('a.yaml', account('one', 'r'));
  source.start();
  put('a.yaml', account('one', 'edited'));
  source.clear();
  assert.deepEqual([roleOf('one'), clock.pending], ['edited', 1]);
  source.stop();
  assert.equal(clock.pending, 0);
});
