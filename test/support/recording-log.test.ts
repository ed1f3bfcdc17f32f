import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordingLog } from './recording-log.ts';

test('keeps lines of all modules in one list', () => {
  const log = new RecordingLog();
  log.warning('first', { size: 1 });
  log.for('io/kube/reflector').verbose(4, 'second');
  assert.deepEqual(log.lines, [
    { level: 'warning', module: '', message: 'first', fields: { size: 1 } },
    { level: 'info', module: 'io/kube/reflector', message: 'second', fields: {}, v: 4 },
  ]);
});

test('drops verbose lines above its verbosity, in every module', () => {
  const log = new RecordingLog(2);
  log.for('http/body').verbose(3, 'dropped');
  log.for('http/body').verbose(2, 'kept');
  assert.deepEqual(log.messages, ['kept']);
});
