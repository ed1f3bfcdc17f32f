/** Connections that the API server opened and did not need: in a moment of many reviews, and kept for later ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { apiObject } from '../../bench/accounts.ts';
import { connect } from '../../bench/connection.ts';
import { prepareRequest, stampUid } from '../../bench/requests.ts';
import { sample } from '../../bench/reviews.ts';
import { wrongReply } from '../../bench/verify.ts';
import { FakeApiServer, type FakeObject } from '../support/fake-api-server.ts';
import { startServer } from './server.ts';

/** Node takes a connection for late 10 seconds after its handshake, and looks every 2 seconds. */
const unusedMs = 14_000;

test('a spare connection answers the first review that comes, however late', { timeout: 60_000 }, async (t) => {
  const fake = await FakeApiServer.start();
  t.after(() => fake.stop());
  fake.putWhole(apiObject(0) as FakeObject);
  const { port } = await startServer(t, { apiUrl: fake.url });
  const connection = await connect(port);
  t.after(() => connection.close());
  await delay(unusedMs);
  const request = prepareRequest(sample('small', 0));
  const uid = stampUid(request, 1);
  const reply = await connection.exchange(request.bytes);
  assert.equal(wrongReply(reply, { sample: request, uid, isPatching: true }), undefined);
});
