/** The commands of README.md and docs/, word for word and in their order, on a real cluster. Knows no command by name. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { clusterCommands, shownImage, shownPod } from '../support/documents.ts';
import { copyTree, quietEnv } from '../support/tree-copy.ts';
import { loadImage } from './images.ts';
import type { Installed } from './installed.ts';
import { readFolders } from './layout.ts';
import { makeRuntimeImage } from './runtime-image.ts';
import { ownOnly, useInstalled } from './suite.ts';

let installed: Installed;
useInstalled((opened) => {
  installed = opened;
  copyTree(tree());
});

const outputs = new Map<string, string>();
/** Commands write into it; it goes with the cluster. */
const tree = () => join(installed.cluster.folder, 'tree');

for (const command of clusterCommands) {
  test(command, { ...ownOnly, timeout: 240_000 }, async () => {
    const { programs } = readFolders(process.env);
    const env = {
      ...process.env,
      ...quietEnv,
      KUBECONFIG: installed.cluster.kubeconfig,
      PATH: `${programs}:${process.env.PATH}`,
      // where no registry is to be reached
      RUNTIME_IMAGE: await makeRuntimeImage(process.execPath),
      TOOL: 'buildah',
    };
    const { stdout } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', command], { cwd: tree(), env });
    outputs.set(command, stdout);
    if (command.endsWith(`IMAGE=${shownImage}`)) await loadImage(installed.cluster.folder, shownImage);
  });
}

test('the pod is the one that README.md shows', ownOnly, () => {
  const [shown = ''] = [...outputs].flatMap(([command, output]) =>
    command.endsWith('pod my-pod -o yaml') ? output : [],
  );
  assert.partialDeepStrictEqual(parse(shown), parse(shownPod));
});

test('every command that only looks says something', ownOnly, () => {
  const silent = [...outputs].filter(([, output]) => output.trim() === '').map(([command]) => command);
  assert.deepEqual(
    silent.filter((command) => !command.includes('delete ')),
    [],
  );
});
