import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { createGunzip } from 'node:zlib';
import { bounded, root, startProcess } from '../support/program.ts';
import { tempFolder } from '../support/temp-folder.ts';

const bulk = '/-/npm/v1/security/advisories/bulk';
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const [bundled, outside] = ['koa', 'typescript'];
const versionOf = (name: string): string => packages[`node_modules/${name}`].version;

/** An advisory as a registry gives it. */
const advisory = (name: string) => ({
  id: name.length,
  url: `https://advisories.example/${name}`,
  title: `${name} gives way`,
  severity: 'high',
  vulnerable_versions: `<=${versionOf(name)}`,
  cwe: ['CWE-400'],
  cvss: { score: 7.5, vectorString: null },
});

test('an advisory on a package of the bundle is named and ends the audit with 1', bounded, async (t) => {
  const { code, output } = await audit(t, registry(bundled, outside));
  assert.match(output.stderr, new RegExp(`^koa ${versionOf(bundled)} is in the server's bundle and has an advisory`));
  assert.match(
    output.stderr,
    /\(high, versions <=.*\): koa gives way\n {2}https:\/\/advisories\.example\/koa\n {2}way out: /,
  );
  assert.doesNotMatch(output.stderr, /typescript/);
  assert.equal(code, 1);
});

test('an advisory on a package outside of the bundle ends the audit with 0', bounded, async (t) => {
  const { code, output } = await audit(t, registry(outside));
  assert.equal(output.stderr, '');
  assert.match(output.stdout, /^\d+ packages are in the server's bundle, none with an advisory\n$/);
  assert.equal(code, 0);
});

test('a registry that refuses the question leaves it open: the audit says so and ends with 2', bounded, async (t) => {
  const { code, output } = await audit(t, (_, response) => response.writeHead(405).end());
  assert.match(
    output.stderr,
    /not known whether the bundle is clean: 405 Method Not Allowed.*: run it where npm reaches/,
  );
  assert.equal(output.stdout, '');
  assert.equal(code, 2);
});

/** A registry that knows advisories on these packages, and all packages in the versions of the lockfile. */
function registry(...names: readonly string[]): RequestListener {
  return async (request, response) => {
    const answer = (value: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    if (request.url !== bulk) {
      const name = decodeURIComponent(request.url?.slice(1) ?? '');
      const version = versionOf(name);
      return answer({ name, 'dist-tags': { latest: version }, versions: { [version]: { name, version } } });
    }
    const asked = (await json(request.pipe(createGunzip()))) as Readonly<Record<string, readonly string[]>>;
    for (const name of [bundled, outside]) assert.ok(asked[name]?.includes(versionOf(name)), `${name} is asked for`);
    return answer(Object.fromEntries(names.map((name) => [name, [advisory(name)]])));
  };
}

async function audit(t: TestContext, listener: RequestListener) {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const env = {
    npm_config_registry: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    // what npm learns here is not true elsewhere
    npm_config_cache: tempFolder(t),
  };
  const program = startProcess(t, { command: process.execPath, args: ['scripts/audit.ts'], env });
  return { code: await program.ended, output: program.output };
}
