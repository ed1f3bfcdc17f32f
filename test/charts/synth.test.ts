import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempFolder } from '../support/temp-folder.ts';

const root = join(import.meta.dirname, '..', '..');
const file = 'pod-identity-webhook.k8s.yaml';

/** Runs cdk8s as one would that is installed elsewhere: nothing of this project is in its path. */
function synth(folder: string, env: Readonly<Record<string, string>>): string {
  const cli = join(root, 'node_modules', 'cdk8s-cli', 'bin', 'cdk8s');
  execFileSync(process.execPath, [cli, 'synth', '--check-upgrade=false', '-o', folder], {
    cwd: root,
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  assert.deepEqual(readdirSync(folder), [file]);
  return readFileSync(join(folder, file), 'utf8');
}

test('dist/ is what cdk8s synth renders, and IMAGE in the environment names the image', (t) => {
  const dist = readFileSync(join(root, 'dist', file), 'utf8');
  assert.deepEqual(readdirSync(join(root, 'dist')), [file]);
  assert.ok(synth(tempFolder(t), {}) === dist, 'dist/ differs from what the charts render: run npm run synth');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const own = dist.replace(`image: pod-identity-webhook:${version}\n`, 'image: registry.example/webhook:2\n');
  assert.notEqual(own, dist);
  assert.equal(synth(tempFolder(t), { IMAGE: 'registry.example/webhook:2' }), own);
});
