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

/** Runs these pieces of code, with a flood of garbage after each; returns the young generation's size after each flood, in MB. */
async function youngAfter(t: TestContext, ...steps: readonly string[]): Promise<readonly number[]> {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { tuneEngine } from './server/io/engine.ts';
    const known = tuneEngine({}, { folder: '/none' });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const flood = () => {
      const kept = [];
      for (let made = 0; made < 3e6; made++) kept[made % 20_000] = { made, list: [made] };
      return getHeapSpaceStatistics().find((each) => each.space_name === 'new_space').space_size / 1e6;
    };
    const sizes = [];
    ${steps.map((step) => `${step}; sizes.push(flood());`).join('\n')}
    console.log(JSON.stringify(sizes));
  `;
  // a process of its own: the one of the tests has let it grow already; and a limit that is not the machine's
  const args = ['--max-semi-space-size=16', '--input-type=module', '--eval', script];
  const program = startProcess(t, { command: process.execPath, args });
  assert.equal(await program.ended, 0, program.output.stderr);
  return JSON.parse(program.output.stdout);
}

test('the young generation stays small until the state is known, and grows from then on', bounded, async (t) => {
  const [listing = 0, serving = 0] = await youngAfter(t, 'await turn()', 'known()');
  assert.ok(listing < 5, `${listing} MB while it is listed`);
  assert.ok(serving > 15, `${serving} MB from then on`);
});

test('where the state is known in the first turn, the young generation grows as well', bounded, async (t) => {
  const [serving = 0] = await youngAfter(t, 'known(); await turn()');
  assert.ok(serving > 15, `${serving} MB`);
});
