import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { getCallSites } from 'node:util';
import { build } from 'esbuild';
import type { Log } from '../../../../server/ports.ts';
import { linesOf, openLog, temporaryFolder } from './opened-log.ts';

/** Returns the lines that `use` logs when the log traces one position. */
async function traced(t: TestContext, logBacktraceAt: string, use: (log: Log) => void) {
  const { log, folder, flushSync } = openLog(t, () => ({ logBacktraceAt, v: 1 }));
  use(log);
  flushSync();
  return linesOf(join(folder, 'stderr'));
}

test('adds the stack to lines logged at the position, by every method, and to no others', async (t) => {
  const file = basename(import.meta.filename);
  const line = (getCallSites(1)[0]?.lineNumber ?? 0) + 2;
  const useAll = (log: Log) => {
    for (const call of ['info', 'warning', 'error'] as const) log[call](call);
    log.info('elsewhere');
  };
  const lines = await traced(t, `${file}:${line}`, useAll);
  assert.deepEqual(
    lines.map(({ msg, stack }) => [msg, typeof stack]),
    [
      ['info', 'string'],
      ['warning', 'string'],
      ['error', 'string'],
      ['elsewhere', 'undefined'],
    ],
  );
  assert.match(String(lines[0]?.stack), new RegExp(`^useAll \\(.*/${file}:${line}:\\d+\\)\n`));
});

test('traces verbose lines', async (t) => {
  const line = (getCallSites(1)[0]?.lineNumber ?? 0) + 1;
  const use = (log: Log) => log.verbose(1, 'deep');
  const lines = await traced(t, `${basename(import.meta.filename)}:${line}`, use);
  assert.equal(typeof lines[0]?.stack, 'string');
});

test('captures nothing at :0', async (t) => {
  const lines = await traced(t, ':0', (log) => log.info('plain'));
  assert.deepEqual(Object.keys(lines[0] ?? {}).sort(), ['caller', 'level', 'msg', 'ts']);
});

test('finds the position in the source that a bundle was made from', async (t) => {
  const folder = temporaryFolder(t);
  const source = '// a comment that the bundle drops\n\nexport function useLog(log) {\n  log.info("bundled");\n}\n';
  writeFileSync(join(folder, 'source.ts'), source);
  const outfile = join(folder, 'bundle.mjs');
  await build({
    entryPoints: [join(folder, 'source.ts')],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    sourcemap: 'linked',
  });
  const { useLog } = await import(pathToFileURL(outfile).href);
  const lines = await traced(t, 'source.ts:4', useLog);
  assert.match(String(lines[0]?.stack), /^\S+ \(.*\/source\.ts:4:\d+\)\n/);
});

test('takes positions as they are beside a map that is broken', async (t) => {
  const path = join(temporaryFolder(t), 'plain.mjs');
  writeFileSync(path, 'export const useLog = (log) => log.info("plain");\n');
  writeFileSync(`${path}.map`, 'no map');
  const { useLog } = await import(pathToFileURL(path).href);
  const lines = await traced(t, 'plain.mjs:1', useLog);
  assert.match(String(lines[0]?.stack), /plain\.mjs:1:\d+/);
});
