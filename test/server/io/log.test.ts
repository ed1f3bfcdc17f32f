import assert from 'node:assert/strict';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog } from '../../../server/io/log.ts';
import type { LogFields } from '../../../server/ports.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { fallbacks, linesOf, openLog, temporaryFolder } from './log/opened-log.ts';

test('writes one line per call, with the fields of Kubernetes JSON logs, to standard error', (t) => {
  const { log, folder, flushSync } = openLog(t, () => ({ v: 2 }));
  const reflector = log.for('io/kube/reflector');
  log.info('Serving', { port: 443 });
  reflector.warning('Watch broke', { reason: 'reset', kept: undefined });
  reflector.error('No "%s" access', { status: 403 });
  reflector.verbose(2, 'Listed', { names: ['a', 'b'] });
  flushSync();
  const ts = '2026-01-01T00:00:00.000Z';
  assert.deepEqual(linesOf(join(folder, 'stderr')), [
    { ts, level: 'info', caller: 'main.ts', msg: 'Serving', port: 443 },
    { ts, level: 'warning', caller: 'reflector.ts', msg: 'Watch broke', reason: 'reset' },
    { ts, level: 'error', caller: 'reflector.ts', msg: 'No "%s" access', status: 403 },
    { ts, level: 'info', caller: 'reflector.ts', msg: 'Listed', v: 2, names: ['a', 'b'] },
  ]);
});

test('writes verbose lines only of modules that are verbose enough', (t) => {
  const { log, messagesIn } = openLog(t, () => ({ v: 1, vmodule: 'http/*=4' }));
  const body = log.for('http/body');
  body.verbose(4, 'written');
  body.verbose(5, 'too verbose');
  log.verbose(2, 'too verbose here');
  assert.deepEqual([body.isOn(4), body.isOn(5), log.isOn(1), log.isOn(2)], [true, false, true, false]);
  assert.deepEqual(messagesIn('stderr'), ['written']);
});

test('gives a module the same log each time', (t) => {
  const { log } = openLog(t, () => ({}));
  assert.equal(log.for('pipeline'), log.for('http/body').for('pipeline'));
});

test('puts the folder before the file with add_dir_header', (t) => {
  const { log, folder, flushSync } = openLog(t, () => ({ addDirHeader: true }));
  log.for('io/kube/reflector').info('x');
  flushSync();
  assert.equal(linesOf(join(folder, 'stderr'))[0]?.caller, 'kube/reflector.ts');
});

test('leaves out time, level and caller with skip_headers', (t) => {
  const { log, folder, flushSync } = openLog(t, () => ({ skipHeaders: true }));
  log.for('pipeline').warning('Bare', { n: 1 });
  flushSync();
  assert.equal(readFileSync(join(folder, 'stderr'), 'utf8'), '{"msg":"Bare","n":1}\n');
});

test('writes into the file of its severity and the lesser ones, and errors to standard error too', (t) => {
  const { log, messagesIn } = openLog(t, (logDir) => ({ logDir, skipLogHeaders: true }));
  log.info('i');
  log.warning('w');
  log.error('e');
  assert.deepEqual(messagesIn('pod-identity-webhook.INFO.log'), ['i', 'w', 'e']);
  assert.deepEqual(messagesIn('pod-identity-webhook.WARNING.log'), ['w', 'e']);
  assert.deepEqual(messagesIn('pod-identity-webhook.ERROR.log'), ['e']);
  assert.deepEqual(messagesIn('stderr'), ['e']);
});

test('begins each file with a line that says when and by what it was opened', (t) => {
  const { folder } = openLog(t, (dir) => ({ logFile: join(dir, 'one.log') }));
  const { host, ...rest } = linesOf(join(folder, 'one.log'))[0] ?? {};
  assert.equal(typeof host, 'string');
  assert.deepEqual(rest, {
    ts: '2026-01-01T00:00:00.000Z',
    level: 'info',
    msg: 'Log file opened',
    writer: 'webhook 1',
  });
});

test('says which file cannot be written, why, and the way out', (t) => {
  const logDir = join(temporaryFolder(t), 'absent');
  const fault = createLog({ ...fallbacks, logDir }, { stderrFd: 2, clock: new FakeClock(), writer: '' });
  assert.ok('code' in fault);
  assert.equal(fault.code, 'log-unwritable');
  assert.match(fault.message, /^--log_dir: cannot write the log file .*absent.*INFO\.log: ENOENT: .*mount a volume/);
});

test('says once on standard error that a file cannot be written, and counts each time', (t) => {
  const codes: string[] = [];
  const config = () => ({ logFile: '/dev/full', skipLogHeaders: true });
  const { log, messagesIn, flushSync } = openLog(t, config, { survived: (code) => void codes.push(code) });
  log.info('lost');
  flushSync();
  log.info('lost too');
  assert.match(String(messagesIn('stderr')), /^Cannot write a log file: [^,]+/);
  assert.equal(messagesIn('stderr').length, 1);
  assert.deepEqual(new Set(codes), new Set(['log-write-failed']));
  assert.ok(codes.length >= 2);
});

test('only counts it when standard error itself cannot be written', (t) => {
  const codes: string[] = [];
  const stderrFd = openSync('/dev/full', 'w');
  const { log, flushSync } = openLog(t, () => ({}), { stderrFd, survived: (code) => void codes.push(code) });
  log.error('unheard');
  flushSync();
  assert.deepEqual(codes, ['log-write-failed']);
});

test('survives fields that JSON has no form for', (t) => {
  const { log, messagesIn } = openLog(t, () => ({}));
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  log.info('odd', { big: 1n, cycle, nan: Number.NaN, call: () => {} } as unknown as LogFields);
  log.info('next');
  assert.deepEqual(messagesIn('stderr'), ['odd', 'next']);
});
