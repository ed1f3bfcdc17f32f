import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ThreadControl, tuneEngine } from '../../../server/io/engine.ts';
import { bounded, startProcess } from '../../support/program.ts';
import { RecordingLog } from '../../support/recording-log.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** A process whose threads have these names, by number. */
function threadsOf(t: TestContext, names: Readonly<Record<string, string>>) {
  const folder = tempFolder(t);
  for (const [thread, name] of Object.entries(names)) {
    mkdirSync(join(folder, thread));
    writeFileSync(join(folder, thread, 'comm'), `${name}\n`);
  }
  const log = new RecordingLog();
  const set: (readonly [number, number])[] = [];
  const setPriority: ThreadControl['setPriority'] = (...call) => void set.push(call);
  return { folder, log, set, setPriority };
}

test('the helper threads give way, and no other', (t) => {
  const names = { 7: 'node-MainThread', 8: 'node-V8Worker', 9: 'libuv-worker', 10: 'node-V8Worker' };
  const { folder, log, set, setPriority } = threadsOf(t, names);
  tuneEngine(log, { folder, setPriority })();
  assert.deepEqual(Object.fromEntries(set), { 8: 10, 10: 10 });
  assert.deepEqual(log.lines, []);
});

test('a refusal is logged with its reason and the way out', (t) => {
  const { folder, log } = threadsOf(t, { 8: 'node-V8Worker' });
  const setPriority = () => {
    throw new Error('EPERM: operation not permitted');
  };
  tuneEngine(log, { folder, setPriority })();
  const [line] = log.lines;
  assert.match(line?.message ?? '', /^V8's helper threads keep their priority/);
  const reason = 'EPERM: operation not permitted; let the seccomp profile allow setpriority(2) to nice 10';
  assert.deepEqual([line?.module, line?.fields], ['io/engine', { reason }]);
});

test('threads that have other names are logged, and a system without /proc is not', (t) => {
  const { folder, log, setPriority } = threadsOf(t, { 7: 'node-MainThread' });
  tuneEngine(log, { folder, setPriority })();
  tuneEngine(log, { folder: join(folder, 'absent'), setPriority })();
  const reason = 'no thread is named V8Worker; run the Node of the image, without flags for its threads';
  assert.deepEqual(
    log.lines.map(({ fields }) => fields),
    [{ reason }],
  );
});

test('the young generation stays small until the state is known, and grows from then on', bounded, async (t) => {
  // in a process of its own: the one of the tests has let it grow already
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { tuneEngine } from './server/io/engine.ts';
    const megabytes = () => getHeapSpaceStatistics().find((each) => each.space_name === 'new_space').space_size / 1e6;
    const flood = () => {
      const kept = [];
      for (let made = 0; made < 3e6; made++) kept[made % 20_000] = { made, list: [made] };
    };
    const known = tuneEngine({}, { folder: '/none' });
    await new Promise((resolve) => setImmediate(resolve));
    flood();
    const listing = megabytes();
    known();
    flood();
    console.log(JSON.stringify([listing, megabytes()]));
  `;
  const program = startProcess(t, { command: process.execPath, args: ['--input-type=module', '--eval', script] });
  assert.equal(await program.ended, 0);
  const [listing, serving] = JSON.parse(program.output.stdout) as [number, number];
  assert.ok(listing < 5, `${listing} MB while it is listed`);
  assert.ok(serving > 15, `${serving} MB from then on`);
});
