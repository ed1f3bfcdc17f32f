import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { root } from '../support/program.ts';

test('make run on a port in use shows nothing of what another has answered, and says how to take another', {
  timeout: 30_000,
}, async (t) => {
  const other = net.createServer().listen(0);
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as net.AddressInfo;
  const env = { ...process.env, PORT: String(port) };
  const run = spawn(process.execPath, ['scripts/run.ts'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  run.stdout.on('data', (chunk) => {
    output += chunk;
  });
  run.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(run, 'close');
  assert.equal(code, 1);
  assert.match(errors, new RegExp(`--port ${port} is in use[^]*PORT=<number> make run takes another port`));
  assert.doesNotMatch(output, /What the webhook adds/);
});
