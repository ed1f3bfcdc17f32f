/** The built server and a real node: what a container of a mutated pod finds when it runs. */
import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAccount, createPod, eventually, type Fixture } from './fixture.ts';
import { loadProgram } from './images.ts';
import { tokenIssuer } from './layout.ts';
import { roleArn } from './pods.ts';
import { run } from './processes.ts';
import { ownOnly, useFixture } from './suite.ts';
import { type KeySet, verifyToken } from './token-verifier.ts';

const image = 'localhost/show-identity:1';
let fixture: Fixture;
useFixture(true, (opened) => {
  fixture = opened;
});

/** A program that looks where an AWS SDK looks, and prints what it finds. */
const source = `package main

import (
	"encoding/json"
	"os"
)

func main() {
	token, err := os.ReadFile(os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"))
	if err != nil {
		panic(err)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]string{"role": os.Getenv("AWS_ROLE_ARN"), "token": string(token)})
}
`;

test('a container that is not root finds its role and a token that STS would take', ownOnly, async () => {
  await loadShowIdentity(fixture);
  await createAccount(fixture, 'shown', 'shown');
  await createPod(fixture, 'shown', 'shown', {
    restartPolicy: 'Never',
    securityContext: { runAsUser: 65_534, runAsNonRoot: true },
    containers: [{ name: 'app', image, imagePullPolicy: 'Never' }],
  });
  const within = ['--namespace', fixture.namespace];
  const phase = () => fixture.target.kubectl(['get', 'pod', 'shown', ...within, '-o', 'jsonpath={.status.phase}']);
  await eventually('the pod has run', async () => /Succeeded|Failed/.test(await phase()));
  const shown = JSON.parse(await fixture.target.kubectl(['logs', 'shown', ...within])) as Record<string, string>;
  assert.equal(shown.role, roleArn('shown'));
  const keySet = (await fixture.target.api.call('GET', '/openid/v1/jwks')).body as unknown as KeySet;
  const subject = `system:serviceaccount:${fixture.namespace}:shown`;
  const expected = { issuer: tokenIssuer, audience: 'sts.amazonaws.com', subject, nowSeconds: Date.now() / 1000 };
  const claims = verifyToken(shown.token ?? '', keySet, expected);
  assert.equal(claims.exp - claims.iat, 86_400);
});

async function loadShowIdentity({ target }: Fixture): Promise<void> {
  assert.ok(target.own);
  const folder = await mkdtemp(join(target.own.folder, 'program-'));
  await writeFile(join(folder, 'main.go'), source);
  await run('go', ['build', '-o', 'show-identity', 'main.go'], { cwd: folder });
  await loadProgram(target.own.folder, { image, program: join(folder, 'show-identity') });
}
