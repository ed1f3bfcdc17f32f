import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { readInstanceIdentity } from '../../../server/io/instance-identity.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { startMetadata } from '../../support/fake-metadata.ts';
import { findFreePort } from '../../support/free-port.ts';

const limits = { timeout: 20_000 };
const document = '/latest/dynamic/instance-identity/document';
const partition = '/latest/meta-data/services/partition';

function ask(endpoint: string, { clock = new FakeClock(), signal = new AbortController().signal, more = {} } = {}) {
  return readInstanceIdentity({ env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint, ...more }, clock, signal });
}

test('asks for a token first and sends it: a service that refuses version 1 answers', limits, async (t) => {
  const { url, requests } = await startMetadata(t);
  const clock = new FakeClock();
  assert.deepEqual(await ask(`${url}/`, { clock }), { accountId: '111122223333', partition: 'aws' });
  assert.deepEqual(requests, ['PUT /latest/api/token', `GET ${document}`, `GET ${partition}`]);
  assert.equal(clock.pending, 0);
});

test('takes the partition that the service tells', limits, async (t) => {
  const { url } = await startMetadata(t, { [partition]: 'aws-new-one\n' });
  assert.deepEqual(await ask(url), { accountId: '111122223333', partition: 'aws-new-one' });
});

for (const [region, expected] of [
  ['us-east-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['us-isof-south-1', 'aws-iso-f'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['eusc-de-east-1', 'aws-eusc'],
] as const) {
  test(`region ${region} is in partition ${expected}, where the service does not tell it`, limits, async (t) => {
    const json = JSON.stringify({ accountId: '111122223333', region });
    const { url } = await startMetadata(t, { [document]: json, [partition]: 404 });
    assert.deepEqual(await ask(url), { accountId: '111122223333', partition: expected });
  });
}

for (const [what, answers, expected] of [
  ['gives no token', { '/latest/api/token': 403 }, '/latest/api/token: status 403'],
  ['fails', { [document]: 500 }, `${document}: status 500`],
  ['gives no JSON', { [document]: '<html>' }, 'the instance identity document names no account and region'],
  ['gives another partition', { [partition]: '<html>' }, 'the partition is not one of AWS'],
] as const) {
  test(`says so when the service ${what}`, limits, async (t) => {
    const { url } = await startMetadata(t, answers);
    assert.deepEqual(await ask(url), { failure: `${url}: ${expected}` });
  });
}

test('says so when the service is absent', limits, async () => {
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const answer = await ask(url);
  assert.match('failure' in answer ? answer.failure : '', /\/latest\/api\/token: .*ECONNREFUSED/);
});

test('gives a slow service up after two seconds', limits, async (t) => {
  const { url, requests } = await startMetadata(t, { '/latest/api/token': 'hang' });
  const clock = new FakeClock();
  const answer = ask(url, { clock });
  while (requests.length === 0) await setImmediate();
  await clock.advance(2000);
  assert.deepEqual(await answer, { failure: `${url}: /latest/api/token: no answer within 2000 ms` });
});

test('ends when it is told to', limits, async (t) => {
  const { url, requests } = await startMetadata(t, { '/latest/api/token': 'hang' });
  const over = new AbortController();
  const answer = ask(url, { signal: over.signal });
  while (requests.length === 0) await setImmediate();
  over.abort();
  assert.ok('failure' in (await answer));
});

test('asks nobody when it is turned off, or when the endpoint is no URL', limits, async () => {
  assert.deepEqual(await ask('http://127.0.0.1:1', { more: { AWS_EC2_METADATA_DISABLED: 'true' } }), {
    failure: 'AWS_EC2_METADATA_DISABLED is true',
  });
  assert.deepEqual(await ask('nowhere'), { failure: 'AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL: nowhere' });
});
