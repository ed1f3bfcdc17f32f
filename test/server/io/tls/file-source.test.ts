import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FileCertificateSource } from '../../../../server/io/tls/file-source.ts';
import type { ServingCertificate } from '../../../../server/ports.ts';
import { makePair } from '../../../support/certificate.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { RecordingLog } from '../../../support/recording-log.ts';
import { RecordingMetrics } from '../../../support/recording-metrics.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const hourMs = 3_600_000;
const resyncMs = 60_000;

function setUp(t: TestContext) {
  const folder = tempFolder(t);
  const clock = new FakeClock();
  const log = new RecordingLog();
  const metrics = new RecordingMetrics();
  const certPath = join(folder, 'tls.crt');
  const keyPath = join(folder, 'tls.key');
  const source = new FileCertificateSource({ certPath, keyPath, resyncMs, clock, log, metrics });
  t.after(() => source.stop());
  const used: ServingCertificate[] = [];
  const make = (fromMs = -hourMs, toMs = hourMs) =>
    makePair({ notBeforeMs: clock.nowMs() + fromMs, notAfterMs: clock.nowMs() + toMs });
  return {
    clock,
    log,
    metrics,
    certPath,
    keyPath,
    source,
    used,
    make,
    use: (pair: ServingCertificate) => used.push(pair),
  };
}

type Files = Pick<ReturnType<typeof setUp>, 'certPath' | 'keyPath'>;

function put({ certPath, keyPath }: Files, pair: { readonly cert: string; readonly key: string }): void {
  writeFileSync(certPath, pair.cert);
  writeFileSync(keyPath, pair.key);
}

test('gives the pair in the files and is ready', async (t) => {
  const it = setUp(t);
  const pair = await it.make();
  put(it, pair);
  assert.equal(it.source.readiness(), 'the certificate files have not been read yet');
  await it.source.start(it.use);
  assert.deepEqual(it.used, [{ ...pair, notAfterMs: it.clock.nowMs() + hourMs }]);
  assert.deepEqual(it.source.current(), it.used[0]);
  assert.equal(it.source.readiness(), undefined);
});

test('is not ready without files, says why, and picks them up when they appear', async (t) => {
  const it = setUp(t);
  await it.source.start(it.use);
  const reason = `--tls-cert ${it.certPath} cannot be read: ENOENT: no such file or directory; put the file there, readable for this user`;
  assert.equal(it.source.readiness(), reason);
  assert.deepEqual(
    it.log.lines.map(({ level, fields }) => [level, fields.reason]),
    [['error', reason]],
  );
  put(it, await it.make());
  await it.clock.advance(1000);
  assert.equal(it.source.readiness(), undefined);
  assert.equal(it.used.length, 1);
});

test('takes over a new pair', async (t) => {
  const it = setUp(t);
  put(it, await it.make());
  await it.source.start(it.use);
  const renewed = await it.make(-hourMs, 2 * hourMs);
  put(it, renewed);
  await it.clock.advance(1000);
  assert.equal(it.source.current()?.cert, renewed.cert);
  assert.equal(it.used.length, 2);
});

test('keeps the last good pair while certificate and key are of two generations, and takes the whole one', async (t) => {
  const it = setUp(t);
  const old = await it.make();
  put(it, old);
  await it.source.start(it.use);
  const renewed = await it.make();
  writeFileSync(it.certPath, renewed.cert);
  await it.clock.advance(1000);
  assert.equal(it.source.current()?.cert, old.cert);
  assert.equal(it.source.readiness(), undefined);
  const [last] = it.log.lines.slice(-1);
  assert.equal(last?.message, 'keeping the last good certificate');
  assert.match(String(last?.fields.reason), /is not the key of the first certificate/);
  assert.deepEqual(it.metrics.of('survived'), [['certificate-key-mismatch']]);
  writeFileSync(it.keyPath, renewed.key);
  await it.clock.advance(1000);
  assert.equal(it.source.current()?.cert, renewed.cert);
});

test('keeps the last good pair when the new one has expired already', async (t) => {
  const it = setUp(t);
  const old = await it.make();
  put(it, old);
  await it.source.start(it.use);
  put(it, await it.make(-2 * hourMs, -hourMs));
  await it.clock.advance(1000);
  assert.equal(it.source.current()?.cert, old.cert);
});

test('reports a fault that lasts once', async (t) => {
  const it = setUp(t);
  put(it, await it.make(-2 * hourMs, -hourMs));
  await it.source.start(it.use);
  await it.clock.advance(10 * resyncMs);
  assert.equal(it.log.lines.length, 1);
  assert.match(it.source.readiness() ?? '', /expired at 2025-12-31T23:00:00.000Z/);
});

test('takes a pair when its validity begins, though no file changes', async (t) => {
  const it = setUp(t);
  put(it, await it.make(10 * 60_000));
  await it.source.start(it.use);
  assert.match(it.source.readiness() ?? '', /is not valid before/);
  await it.clock.advance(10 * 60_000);
  assert.equal(it.source.readiness(), undefined);
});

test('is no longer ready once the pair it serves has expired', async (t) => {
  const it = setUp(t);
  put(it, await it.make(-hourMs, 60_000));
  await it.source.start(it.use);
  it.clock.stepWall(60_000);
  assert.match(it.source.readiness() ?? '', /expired at 2026-01-01T00:01:00.000Z/);
});

test('waits out a use that throws, and tries it again', async (t) => {
  const it = setUp(t);
  put(it, await it.make());
  let calls = 0;
  await it.source.start(() => {
    if (++calls === 1) throw new Error('--webhook-config: cannot write');
  });
  assert.equal(it.source.readiness(), '--webhook-config: cannot write');
  await it.clock.advance(resyncMs);
  assert.equal(calls, 2);
  assert.equal(it.source.readiness(), undefined);
});

test('leaves no timer when stopped, at fault or not', async (t) => {
  const it = setUp(t);
  await it.source.start(it.use);
  it.source.stop();
  assert.equal(it.clock.pending, 0);
});
