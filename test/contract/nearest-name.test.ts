import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from '../../contract/nearest-name.ts';

const names = ['--port', '--metrics-port', '--token-expiration', '--log_dir'];

for (const [typed, meant] of [
  ['--prot', '--port'],
  ['--ports', '--port'],
  ['-port', '--port'],
  ['--tokenExpiration', '--token-expiration'],
  ['--TOKEN_EXPIRATION', '--token-expiration'],
  ['--logdir', '--log_dir'],
  ['--metric-port', '--metrics-port'],
] as const) {
  test(`${typed} was meant to be ${meant}`, () => assert.equal(nearestName(typed, names), meant));
}

for (const typed of ['--kubeconfig', '-x', '', `--${'p'.repeat(1_000_000)}`]) {
  test(`${typed.slice(0, 20)} resembles nothing`, () => assert.equal(nearestName(typed, names), undefined));
}
