/** Test support: a log on real files in a folder of its own. */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Config, flags } from '../../../../contract/flags.ts';
import type { LogOptions } from '../../../../server/io/log/sinks.ts';
import { createLog, type LogConfig } from '../../../../server/io/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** Every flag's fallback. */
export const fallbacks = Object.fromEntries(
  Object.entries(flags).map(([key, row]) => [key, row.fallback]),
) as Partial<Config> as Config;

/** Returns an empty folder that is removed after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'webhook-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Returns the lines of a file, parsed. */
export function linesOf(path: string): readonly Record<string, unknown>[] {
  const text = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return text.map((line) => JSON.parse(line));
}

/** Returns a log whose standard error is the file `stderr` in a new folder. */
export function openLog(t: TestContext, config: (folder: string) => Partial<LogConfig>, options?: Partial<LogOptions>) {
  const folder = temporaryFolder(t);
  const clock = new FakeClock();
  const stderrFd = openSync(join(folder, 'stderr'), 'a');
  t.after(() => closeSync(stderrFd));
  const opened = createLog({ ...fallbacks, ...config(folder) }, { stderrFd, clock, writer: 'webhook 1', ...options });
  assert.ok(!('code' in opened));
  /** The messages in a file of the folder, once all is written. */
  const messagesIn = (name: string) => {
    opened.flushSync();
    return linesOf(join(folder, name)).map((line) => line.msg);
  };
  return { ...opened, folder, clock, messagesIn };
}
