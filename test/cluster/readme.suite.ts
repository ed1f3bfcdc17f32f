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
    const { stdout, stderr } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', command], {
      cwd: tree(),
      env,
    });
    outputs.set(command, stdout || stderr);
    if (command.endsWith(`IMAGE=${shownImage}`)) await loadImage(installed.cluster.folder, shownImage);
  });
}

test('the pod is the one that README.md shows', ownOnly, () => {
  assert.partialDeepStrictEqual(parse(outputOf(/ get pod \S+ -o yaml$/)), parse(shownPod));
});

test('a pod that is tried out has what the webhook adds', ownOnly, () => {
  assert.match(outputOf(/--dry-run=server/), /name: AWS_ROLE_ARN\n/);
});

test('the commands for troubleshooting find nothing wrong with a webhook that is well', ownOnly, () => {
  assert.equal(outputOf(/proxy\/readyz$/), 'ok');
  assert.match(outputOf(/readyz\?verbose/), /^\[\+\]identities ok\n\[\+\]certificate ok\n.*\nready\n$/);
  assert.match(outputOf(/ auth can-i /), /^(yes\n){3}$/);
  assert.match(outputOf(/openssl x509/), /^subject=.*\nnotAfter=/);
});

test('every command says something where there is something to say', ownOnly, () => {
  const silent = [...outputs].filter(([, output]) => output.trim() === '').map(([command]) => command);
  assert.deepEqual(
    silent.filter((command) => !command.includes(' delete ')),
    [],
  );
});

/** Returns what the commands of this pattern wrote, one after the other. */
function outputOf(pattern: RegExp): string {
  return [...outputs].flatMap(([command, output]) => (pattern.test(command) ? output : [])).join('');
}
