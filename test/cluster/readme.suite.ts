/** The walkthrough of README.md, word for word, on a real API server. Knows no command by name. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { root } from '../support/program.ts';
import { clusterCommands, shownPod } from '../support/readme.ts';
import { createAccount, eventually, type Fixture, tryOutPod, within } from './fixture.ts';
import { readFolders } from './layout.ts';
import { hasIdentity } from './pods.ts';
import { ownOnly, useFixture } from './suite.ts';

let fixture: Fixture;
useFixture(false, (opened) => {
  fixture = opened;
});

test('the commands of the walkthrough end with the pod that it shows', ownOnly, async () => {
  const { own, api } = fixture.target;
  assert.ok(own);
  const { labels } = (await api.call('GET', within(fixture))).body.metadata as { readonly labels: object };
  // the examples live in `default`, which the suite's registration does not look at
  await api.call('PATCH', '/api/v1/namespaces/default', { metadata: { labels } });
  const inDefault = { ...fixture, namespace: 'default' };
  await createAccount(inDefault, 'first', 'first');
  const isCalled = async () => hasIdentity(await tryOutPod(inDefault, 'first'));
  await eventually('the webhook is called for pods of `default`', isCalled);
  const { programs } = readFolders(process.env);
  const env = { ...process.env, KUBECONFIG: own.kubeconfig, PATH: `${programs}:${process.env.PATH}` };
  const outputs: string[] = [];
  // not by a synchronous call: the webhook reaches the API server through a proxy in this process
  for (const command of clusterCommands) {
    outputs.push((await promisify(execFile)('sh', ['-c', command], { cwd: root, env })).stdout);
  }
  assert.match(outputs[0] ?? '', /"issuer":/);
  assert.partialDeepStrictEqual(parse(outputs.at(-1) ?? ''), parse(shownPod));
});
