/** What a real API server thinks of the manifests that our props render; its warnings count as refusals. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Manifest, renderChart } from '../support/charts.ts';
import { root } from '../support/program.ts';
import { propCombinations } from '../support/prop-combinations.ts';
import { ownOnly, useTarget } from './suite.ts';
import type { Target } from './target.ts';

let target: Target;
useTarget((opened) => {
  target = opened;
});

test('the kinds of cert-manager and prometheus-operator are known', ownOnly, async () => {
  const files = globSync('imports/*.crd.yaml', { cwd: root }).flatMap((file) => ['-f', join(root, file)]);
  await target.kubectl(['apply', '--server-side', ...files]);
  await target.kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
});

for (const { name, props } of propCombinations) {
  test(`the API server accepts ${name}`, ownOnly, async () => {
    const manifests = renderChart(props);
    for (const manifest of manifests) if (manifest.kind === 'Namespace') await applyNamespace(manifest);
    const text = manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
    const lines = (await target.kubectl(['apply', '--dry-run=server', '--warnings-as-errors', '-f', '-'], text))
      .trim()
      .split('\n');
    assert.equal(lines.length, manifests.length);
  });
}

/** A dry run makes none, and the objects inside are refused without. Its labels decide what the pods inside may do. */
async function applyNamespace(namespace: Manifest): Promise<void> {
  await target.kubectl(['apply', '-f', '-'], JSON.stringify(namespace));
}
