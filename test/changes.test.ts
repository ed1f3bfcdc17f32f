/** Test: the commands of docs/changes.md that can be run without a cluster do what it says. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';

interface Row {
  readonly kind: string;
}

const kindsIn = (text: string) => parseAllDocuments(text).map((row) => (row.toJS() as Row).kind);

test('the command that applies everything but the registration leaves out that alone', () => {
  const [, program = ''] = readFileSync('docs/changes.md', 'utf8').match(/awk '(.*)' dist/) ?? [];
  const path = 'dist/pod-identity-webhook.k8s.yaml';
  const kept = execFileSync('awk', [program, path], { encoding: 'utf8' }).replace(/---\n$/, '');
  const all = kindsIn(readFileSync(path, 'utf8'));
  assert.ok(all.includes('MutatingWebhookConfiguration'));
  assert.deepEqual(
    kindsIn(kept),
    all.filter((kind) => kind !== 'MutatingWebhookConfiguration'),
  );
});
