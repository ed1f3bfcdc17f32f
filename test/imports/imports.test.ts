import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempFolder } from '../support/temp-folder.ts';

const root = join(import.meta.dirname, '..', '..');

test('imports/ is what cdk8s import makes of the CRDs in it', (t) => {
  const folder = tempFolder(t);
  execFileSync(process.execPath, ['scripts/import.ts', folder], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  assert.deepEqual(readdirSync(folder), globSync('*.ts', { cwd: join(root, 'imports') }).sort());
  for (const name of readdirSync(folder)) {
    const made = readFileSync(join(folder, name), 'utf8');
    const kept = readFileSync(join(root, 'imports', name), 'utf8');
    assert.ok(made === kept, `imports/${name} differs from its CRDs: run npm run import`);
  }
});
