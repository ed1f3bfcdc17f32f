import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SelfSignedSource } from '../../../../server/io/tls/self-signed-source.ts';
import { UnwritableFileError } from '../../../../server/io/written-file.ts';
import type { ServingCertificate } from '../../../../server/ports.ts';
import { makePair } from '../../../support/certificate.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { RecordingLog } from '../../../support/recording-log.ts';
import { RecordingMetrics } from '../../../support/recording-metrics.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const hourMs = 3_600_000;

function setUp(t: TestContext, durationMs = 3 * hourMs, certDir = join(tempFolder(t), 'certs')) {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const metrics = new RecordingMetrics();
  const source = new SelfSignedSource({ certDir, durationMs, clock, log, metrics });
  t.after(() => source.stop());
  const used: ServingCertificate[] = [];
  const events = new EventEmitter();
  const use = (pair: ServingCertificate) => {
    used.push(pair);
    events.emit('use');
  };
  return { clock, log, metrics, certDir, source, used, use, nextUse: () => once(events, 'use') };
}

const text = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8');

test('makes a pair, keeps it in the folder for its owner alone, and is ready', async (t) => {
  const { source, used, use, certDir, clock } = setUp(t);
  assert.equal(source.readiness(), 'the self-signed certificate has not been made yet');
  await source.start(use);
  assert.equal(source.readiness(), undefined);
  assert.deepEqual(used, [source.current()]);
  assert.equal(used[0]?.notAfterMs, clock.nowMs() + 3 * hourMs);
  assert.deepEqual(readdirSync(certDir).sort(), ['tls.cert', 'tls.key']);
  assert.deepEqual([text(certDir, 'tls.cert'), text(certDir, 'tls.key')], [used[0]?.cert, used[0]?.key]);
  const modes = [certDir, join(certDir, 'tls.cert'), join(certDir, 'tls.key')].map(
    (path) => statSync(path).mode & 0o777,
  );
  assert.deepEqual(modes, [0o700, 0o600, 0o600]);
});

test('takes the pair up again after a restart', async (t) => {
  const first = setUp(t);
  await first.source.start(first.use);
  first.source.stop();
  const second = setUp(t, 3 * hourMs, first.certDir);
  await second.source.start(second.use);
  assert.deepEqual(second.used, first.used);
});

test('makes a new pair at the start when the kept one does not match its key, as after a write cut short', async (t) => {
  const first = setUp(t);
  await first.source.start(first.use);
  const times = { notBeforeMs: first.clock.nowMs(), notAfterMs: first.clock.nowMs() + hourMs };
  writeFileSync(join(first.certDir, 'tls.key'), (await makePair(times)).key);
  const second = setUp(t, 3 * hourMs, first.certDir);
  await second.source.start(second.use);
  assert.notEqual(second.used[0]?.cert, first.used[0]?.cert);
  assert.match(String(second.log.lines[0]?.fields.reason), /tls\.key is not the key of the first certificate in/);
});

test('makes a new pair at the start when the kept one is for other names', async (t) => {
  const it = setUp(t, 3 * hourMs, tempFolder(t));
  const kept = await makePair({
    notBeforeMs: it.clock.nowMs(),
    notAfterMs: it.clock.nowMs() + hourMs,
    names: ['elsewhere'],
  });
  writeFileSync(join(it.certDir, 'tls.cert'), kept.cert);
  writeFileSync(join(it.certDir, 'tls.key'), kept.key);
  await it.source.start(it.use);
  assert.equal(it.log.lines[0]?.fields.reason, 'it is not for localhost, 127.0.0.1, ::1');
});

test('renews without a restart when a third of the lifetime is left, and tells the user of it', async (t) => {
  const { source, used, use, nextUse, clock, certDir } = setUp(t);
  await source.start(use);
  await clock.advance(2 * hourMs - 1);
  assert.equal(used.length, 1);
  const renewed = nextUse();
  await clock.advance(1);
  await renewed;
  assert.equal(used.length, 2);
  assert.equal(used[1]?.notAfterMs, clock.nowMs() + 3 * hourMs);
  assert.equal(text(certDir, 'tls.cert'), used[1]?.cert);
});

test('never waits longer than an hour, so that neither a long lifetime nor a clock that is set outruns its timer', async (t) => {
  const { source, use, used, nextUse, clock } = setUp(t, 8760 * hourMs);
  await source.start(use);
  assert.equal(clock.nextMs, hourMs);
  clock.stepWall(5841 * hourMs);
  const renewed = nextUse();
  await clock.advance(hourMs);
  await renewed;
  assert.equal(used.length, 2);
});

test('renews the shortest lifetime, a minute, in time', async (t) => {
  const { source, use, clock } = setUp(t, 60_000);
  await source.start(use);
  assert.equal(clock.nextMs, 40_000);
});

test('keeps serving the old pair when the new one cannot be kept, says so, and tries again', async (t) => {
  const it = setUp(t);
  let isFull = false;
  await it.source.start((pair) => {
    if (isFull)
      throw new UnwritableFileError('webhook-config', '/config.yaml', new Error('ENOSPC: no space left on device'));
    it.use(pair);
  });
  isFull = true;
  const failed = new Promise<void>((resolve) => {
    it.metrics.survived = (code) => resolve(assert.equal(code, 'certificate-not-renewed'));
  });
  await it.clock.advance(2 * hourMs);
  await failed;
  assert.deepEqual(it.source.current(), it.used[0]);
  assert.match(String(it.log.lines.at(-1)?.fields.reason), /ENOSPC: no space left on device/);
  isFull = false;
  const renewed = it.nextUse();
  await it.clock.advance(10_000);
  await renewed;
  assert.equal(it.used.length, 2);
});

test('rejects the start when the folder cannot be written, naming flag, folder, reason and way out', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const { source, use, clock } = setUp(t, hourMs, join(folder, 'file'));
  await assert.rejects(source.start(use), (error: unknown) => {
    assert.ok(error instanceof UnwritableFileError);
    assert.match(
      error.message,
      /^--cert-dir: cannot write .*\/file\/tls\.key: ENOTDIR: not a directory\. Make .* a folder .* --cert-dir\.$/,
    );
    return true;
  });
  assert.equal(clock.pending, 0);
});

test('writes and tells nothing after the end, though the pair was under way', async (t) => {
  const { source, used, use, certDir, clock } = setUp(t, hourMs, tempFolder(t));
  const started = source.start(use);
  source.stop();
  await started;
  assert.deepEqual([used.length, readdirSync(certDir).length, clock.pending], [0, 0, 0]);
});

test('is no longer ready when the certificate has expired', async (t) => {
  const { source, use, clock } = setUp(t);
  await source.start(use);
  clock.stepWall(3 * hourMs);
  assert.match(
    source.readiness() ?? '',
    /^the self-signed certificate expired at 2026-01-01T03:00:00.000Z; the log says why/,
  );
});

test('certificates made one after the other are of different keys', async (t) => {
  const { source, use, used, nextUse, clock } = setUp(t);
  await source.start(use);
  const renewed = nextUse();
  await clock.advance(2 * hourMs);
  await renewed;
  const [one, other] = used.map(({ cert }) => new X509Certificate(cert).fingerprint256);
  assert.notEqual(one, other);
});
