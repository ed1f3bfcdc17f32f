import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OutletConfig, planOutlets } from '../../../../server/io/log/outlets.ts';
import { fallbacks } from './opened-log.ts';

const dir = { logDir: '/logs' };

/** Flags, least severity on standard error, number of files. */
const cases: readonly (readonly [string, Partial<OutletConfig>, number, number])[] = [
  ['no flags', {}, 0, 0],
  ['no files, whatever stderrthreshold', { stderrthreshold: 2 }, 0, 0],
  ['log_dir', dir, 2, 3],
  ['log_dir, stderrthreshold 1', { ...dir, stderrthreshold: 1 }, 1, 3],
  ['log_dir, stderrthreshold FATAL', { ...dir, stderrthreshold: 3 }, 3, 3],
  ['log_dir, alsologtostderr', { ...dir, alsologtostderr: true }, 0, 3],
  ['log_dir, alsologtostderr from 1', { ...dir, alsologtostderr: true, alsologtostderrthreshold: 1 }, 1, 3],
  ['log_dir, alsologtostderr from 3', { ...dir, alsologtostderr: true, alsologtostderrthreshold: 3 }, 2, 3],
  ['log_dir, logtostderr', { ...dir, logtostderr: true }, 0, 0],
  ['logtostderr, stderrthreshold 2', { logtostderr: true, stderrthreshold: 2 }, 0, 0],
  ['logtostderr, new behaviour', { logtostderr: true, legacyStderrThresholdBehavior: false }, 2, 0],
  ['log_file and log_dir', { ...dir, logFile: '/one.log' }, 2, 1],
];

for (const [name, config, stderrFrom, files] of cases) {
  test(`${name}: standard error from severity ${stderrFrom}, ${files} files`, () => {
    const outlets = planOutlets({ ...fallbacks, ...config });
    assert.deepEqual([outlets.stderrFrom, outlets.files.length], [stderrFrom, files]);
  });
}

test('gives log_dir a file for each severity that gets the greater ones too', () => {
  const { files } = planOutlets({ ...fallbacks, ...dir });
  assert.deepEqual(
    files.map(({ path, from, to }) => [path, from, to]),
    [
      ['/logs/pod-identity-webhook.INFO.log', 0, 2],
      ['/logs/pod-identity-webhook.WARNING.log', 1, 2],
      ['/logs/pod-identity-webhook.ERROR.log', 2, 2],
    ],
  );
});

test('gives each severity its own file alone with one_output', () => {
  const { files } = planOutlets({ ...fallbacks, ...dir, oneOutput: true });
  assert.deepEqual(
    files.map(({ from, to }) => [from, to]),
    [
      [0, 0],
      [1, 1],
      [2, 2],
    ],
  );
});

test('counts log_file_max_size in MiB, 0 as no limit', () => {
  const limit = (logFileMaxSize: number) =>
    planOutlets({ ...fallbacks, logFile: '/one.log', logFileMaxSize }).files.map(({ limitBytes }) => limitBytes);
  assert.deepEqual([limit(2), limit(0)], [[2_097_152], [Number.POSITIVE_INFINITY]]);
});
