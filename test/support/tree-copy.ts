/** Test support: a copy of this repository as it stands, for commands that write into it. Builds nothing. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './program.ts';

const left = new Set(['node_modules', '.git', '.run']);

/** What keeps npm and cdk8s from asking a registry what is new. */
export const quietEnv = { CDK8S_CHECK_UPGRADE: 'false', npm_config_update_notifier: 'false', MAKEFLAGS: '' };

/** Copies the repository, built as it is, into a folder that is not there yet; packages are shared. */
export function copyTree(folder: string): void {
  assertBuilt();
  cpSync(root, folder, { recursive: true, preserveTimestamps: true, filter: (path) => !left.has(basename(path)) });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

/** A build under way would take the program from under other tests, so nobody builds here. @throws when it is due */
export function assertBuilt(): void {
  const question = ['--question', 'build/server/main.js'];
  assert.doesNotThrow(
    () => execFileSync('make', question, { cwd: root, env: { ...process.env, MAKEFLAGS: '' } }),
    'build/server/main.js is missing or older than its sources: npm run build',
  );
}
