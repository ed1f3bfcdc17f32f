import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { threadNiceness } from '../../bench/process-figures.ts';
import { usage } from '../../contract/usage.ts';
import { putValidPair } from '../support/certificate.ts';
import { findFreePort } from '../support/free-port.ts';
import { ask, bounded, built, readLog, root, startProcess, startProgram } from '../support/program.ts';
import { exampleReview, findPlace, put, serveAt } from '../support/served.ts';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const withOurNode = { PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` };

test('--help prints the usage', bounded, async (t) => {
  const program = startProgram(t, ['--help']);
  assert.equal(await program.ended, 0);
  assert.deepEqual(program.output, { stdout: usage(), stderr: '' });
});

for (const [name, command, args] of [
  ['the program', join(root, 'node_modules/.bin/node'), ['build/server/main.js', '--version']],
  ["the package's bin", join(root, 'build/server/main.js'), ['--version']],
  ['npm start', 'npm', ['start', '--silent', '--', '--version']],
] as const) {
  test(`${name} prints the version`, bounded, async (t) => {
    const program = startProcess(t, { command, args, env: withOurNode });
    assert.equal(await program.ended, 0);
    assert.deepEqual(program.output, { stdout: `${version}\n`, stderr: '' });
  });
}

test('all faulty flags are named at once, and nothing is opened', bounded, async (t) => {
  const { flags, folder } = await findPlace(t);
  const program = startProgram(t, [...flags, '--port=0', '--tokn-audience=x', '--in-cluster=maybe']);
  assert.equal(await program.ended, 2);
  const [first, second, third, hint, ...rest] = program.output.stderr.split('\n');
  assert.match(first ?? '', /^pod-identity-webhook: --port: got "0"; must be .*; give .* \(OUT_OF_RANGE\)$/);
  assert.match(second ?? '', /^pod-identity-webhook: --tokn-audience: .*--token-audience.* \(UNKNOWN_FLAG\)$/);
  assert.match(third ?? '', /^pod-identity-webhook: --in-cluster: got "maybe"; .* \(BAD_VALUE\)$/);
  assert.deepEqual([hint, ...rest], ['pod-identity-webhook: --help lists all flags', '']);
  assert.deepEqual(readdirSync(folder), []);
});

test("V8's helper threads give way to the one that answers", {
  ...bounded,
  skip: process.platform !== 'linux',
}, async (t) => {
  const place = await findPlace(t);
  const { process: child } = await serveAt(t, place);
  assert.equal((await ask(place.port, '/readyz')).status, 200);
  const pid = child.pid ?? 0;
  const helpers = readdirSync(`/proc/${pid}/task`).filter((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/comm`, 'latin1').includes('V8Worker'),
  );
  assert.deepEqual([...new Set(helpers.map((thread) => threadNiceness(pid, thread)))], [10]);
  assert.equal(threadNiceness(pid, `${pid}`), 0);
});

for (const [source, flags] of [
  ['manifests', []],
  ['an API server that refuses connections', ['--identities-from=', '--kube-api=http://127.0.0.1:9']],
] as const) {
  test(`Node's own modules come compiled, as Node brings them: with ${source}`, bounded, async (t) => {
    const place = await findPlace(t);
    const probe = `
      // as Node's own tests ask
      const builtins = require('internal/test/binding').internalBinding('builtins');
      process.on('exit', () => {
        const { compiledWithCache, compiledWithoutCache } = builtins.getCacheUsage();
        console.log(JSON.stringify([compiledWithCache.has('https'), ...compiledWithoutCache]));
      });
    `;
    const ownFlags = ['--expose-internals', `--require=${put(place, 'probe.cjs', probe)}`];
    const program = startProcess(t, {
      command: process.execPath,
      args: [...ownFlags, built, ...place.flags, ...(await putValidPair(place.folder)), ...flags],
      // no kubeconfig, no pod
      env: { HOME: place.folder, KUBERNETES_SERVICE_HOST: '' },
    });
    await program.line('"serving"');
    program.process.kill('SIGINT');
    assert.equal(await program.ended, 0);
    assert.equal(program.output.stdout, '[true]\n');
  });
}

for (const flag of ['port', 'metrics-port']) {
  test(`a --${flag} in use ends the program with one line that says so`, bounded, async (t) => {
    const { flags } = await findPlace(t);
    const config = flags.find((flag) => flag.startsWith('--webhook-config='))?.split('=')[1] ?? '';
    const other = createServer();
    const taken = await new Promise<number>((resolve) => {
      other.listen(0, () => resolve((other.address() as { port: number }).port));
    });
    t.after(() => other.close());
    const program = startProgram(t, [...flags, `--${flag}=${taken}`]);
    assert.equal(await program.ended, 1);
    const expected = `--${flag} ${taken} is in use: end what listens there, or give another port`;
    assert.equal(ownLines(program.output.stderr), `pod-identity-webhook: ${expected}`);
    // the one that has the port keeps its file
    assert.ok(config !== '' && (flag !== 'port' || !existsSync(config)));
  });
}

test('a --cert-dir that cannot be made ends the program with one line that says why', bounded, async (t) => {
  const place = await findPlace(t);
  const inTheWay = put(place, 'in-the-way', '');
  const program = startProgram(t, [...place.flags, `--cert-dir=${inTheWay}/certs`]);
  assert.equal(await program.ended, 1);
  assert.match(
    ownLines(program.output.stderr),
    /^pod-identity-webhook: --cert-dir: cannot write \S+: ENOTDIR: [^\n]* with --cert-dir\.$/,
  );
});

test('a --webhook-config that cannot be written ends the program with one line that says why', bounded, async (t) => {
  const place = await findPlace(t);
  const inTheWay = put(place, 'in-the-way', '');
  const program = startProgram(t, [...place.flags, `--webhook-config=${inTheWay}/config.yaml`]);
  assert.equal(await program.ended, 1);
  assert.match(
    ownLines(program.output.stderr),
    /^pod-identity-webhook: --webhook-config: cannot write \S+: ENOTDIR: [^\n]* with --webhook-config\.$/,
  );
});

test('a --log_dir that is not there ends the program with one line that says so', bounded, async (t) => {
  const { flags, folder } = await findPlace(t);
  const program = startProgram(t, [...flags, '--logtostderr=false', `--log_dir=${folder}/none`]);
  assert.equal(await program.ended, 1);
  assert.match(program.output.stderr, /^pod-identity-webhook: --log_dir: cannot write [^\n]*\n$/);
});

for (const [name, text] of [
  ['is missing', undefined],
  ['is not YAML', 'clusters: ['],
  ['is no mapping', 'just words'],
  ['names a cluster that it does not have', 'current-context: a\ncontexts: [{name: a, context: {cluster: b}}]\n'],
  ['is a folder', null],
] as const) {
  test(`a kubeconfig that ${name} ends the program with one line: file and way out`, bounded, async (t) => {
    const place = await findPlace(t);
    const path = text ? put(place, 'kubeconfig', text) : join(place.folder, text === null ? '' : 'none');
    const program = startProgram(t, [...place.flags, '--identities-from=', `--kubeconfig=${path}`]);
    assert.equal(await program.ended, 1);
    const [line = '', ...rest] = program.output.stderr.split('\n');
    assert.deepEqual(rest, ['']);
    assert.ok(line.startsWith(`pod-identity-webhook: ${path} `), line);
    assert.match(line, /--kubeconfig/);
    assert.equal(existsSync(join(place.folder, 'certs')), false);
  });
}

test('after SIGTERM it is unready at once, answers reviews during the delay, and ends with 0', bounded, async (t) => {
  const place = await findPlace(t);
  const program = await serveAt(t, place, '--shutdown-delay-duration=3s');
  assert.equal((await ask(place.port, '/readyz')).status, 200);
  program.process.kill('SIGTERM');
  await program.line('"shutting down"');
  const ready = await ask(place.port, '/readyz');
  assert.deepEqual([ready.status, ready.text], [503, 'shutdown: shutting down']);
  assert.equal((await ask(place.port, '/livez')).status, 200);
  const review = await ask(place.port, '/mutate', { body: exampleReview });
  assert.match(review.text, /"patch":/);
  assert.equal(await program.ended, 0);
});

test('SIGINT ends it with 0 and without the delay', bounded, async (t) => {
  const program = await serveAt(t, await findPlace(t), '--shutdown-delay-duration=1h');
  program.process.kill('SIGINT');
  assert.equal(await program.ended, 0);
});

test('a signal during the start is obeyed after it', bounded, async (t) => {
  const { flags } = await findPlace(t);
  const program = startProgram(t, flags);
  await program.line('took in the manifests');
  program.process.kill('SIGTERM');
  assert.equal(await program.ended, 0);
});

test('a second signal ends it at once, with 1', bounded, async (t) => {
  const program = await serveAt(t, await findPlace(t), '--shutdown-delay-duration=1h');
  program.process.kill('SIGTERM');
  await program.line('"shutting down"');
  program.process.kill('SIGTERM');
  assert.equal(await program.ended, 1);
});

test('every line of the log is JSON, down to the last', bounded, async (t) => {
  const place = await findPlace(t);
  const program = await serveAt(t, place);
  await ask(place.port, '/mutate', { body: exampleReview });
  program.process.kill('SIGTERM');
  assert.equal(await program.ended, 0);
  const log = readLog(program);
  const decision = log.find(({ reason }) => reason === 'MUTATED');
  assert.partialDeepStrictEqual(decision, { level: 'info', msg: 'pod mutated', namespace: 'default' });
  assert.equal(log.at(-1)?.msg, 'ended');
});

test('--log_dir takes the log into files, one for each severity', bounded, async (t) => {
  const place = await findPlace(t);
  const flags = ['--logtostderr=false', `--log_dir=${place.folder}`, `--metrics-port=${await findFreePort()}`];
  const program = startProgram(t, [
    ...place.flags,
    ...flags,
    '--identities-from=/nowhere',
    '--stderrthreshold=WARNING',
  ]);
  await program.line('/nowhere');
  program.process.kill('SIGTERM');
  assert.equal(await program.ended, 0);
  const read = (severity: string) => {
    const name = readdirSync(place.folder).find((file) => file.includes(`.${severity}`));
    return readFileSync(join(place.folder, name ?? severity), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  assert.ok(read('INFO').some(({ msg }) => msg === 'ended'));
  assert.ok(read('WARNING').every(({ level, msg }) => level !== 'info' || msg === 'Log file opened'));
});

/** Returns what the program said besides its log. */
function ownLines(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'))
    .join('\n');
}
