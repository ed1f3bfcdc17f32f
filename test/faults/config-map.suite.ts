/** Fault suite: the API server fails while the ConfigMap of identities is followed beside the accounts. Both are followed by the same loop, so a few faults stand for all. */
import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { account } from '../../bench/accounts.ts';
import { FakeApiServer, refuse, statusObject } from '../support/fake-api-server.ts';
import { meet } from './api-faults.ts';
import { type Stage, setStage } from './api-scene.ts';
import { openReviewer, sampleWith } from './reviewer.ts';
import { startServer } from './server.ts';
import { duringSteadyLoad } from './steady-client.ts';
import { Wire } from './wire.ts';

const bounded = { timeout: 120_000 };

interface Followed {
  readonly maps: FakeApiServer;
  readonly wire: Wire;
}

const faults: readonly (readonly [string, (followed: Followed) => Promise<void> | void])[] = [
  ['410 in the stream', ({ maps }) => maps.watch.send('ERROR', statusObject(410, 'too old resource version'))],
  ['a watch that is closed in order', ({ maps }) => maps.watch.end()],
  ['a watch that is reset', ({ maps }) => maps.watch.reset()],
  [
    '500',
    ({ maps }) => {
      const over = meet(maps, 'watch', refuse(500));
      maps.watch.end();
      return over;
    },
  ],
  [
    'a server that is away for 2 s',
    async ({ wire }) => {
      wire.cut();
      await delay(2000);
      await wire.mend();
    },
  ],
];

/** Accounts without a role of their own, to which the ConfigMap gives one, or no longer does. */
const [changed, deleted] = [2, 3];
const roleOf = (index: number, version: string) => `arn:aws:iam::123456789012:role/${version}-${index}`;

describe('the ConfigMap of identities is followed again after', { ...bounded, concurrency: 5 }, () => {
  for (const [name, inflict] of faults) {
    it(name, bounded, async (t) => {
      const stage = await setStage(t);
      const maps = await startMaps(t);
      putIdentities(maps, { [changed]: 'old', [deleted]: 'old' });
      const wire = await Wire.lay(t, await joinServers(t, stage, maps));
      const server = await startServer(t, { apiUrl: wire.url, flags: ['--watch-config-map'] });
      const reviewer = await openReviewer(t, server.port);
      for (const index of [changed, deleted])
        assert.equal(await reviewer.problem(sampleWith(index, roleOf(index, 'old'))), undefined);
      putIdentities(maps, { [changed]: 'new' });
      // reviews of both are wrong for a while, so the good client sends others
      const reviews = [sampleWith(0, account(0).roleArn), sampleWith(1, undefined)];
      const [steady, ms] = await duringSteadyLoad(
        { port: server.port, rate: 25, connections: 2, reviews },
        async () => {
          await inflict({ maps, wire });
          const overMs = performance.now();
          await reviewer.untilRight(sampleWith(changed, roleOf(changed, 'new')));
          return performance.now() - overMs;
        },
      );
      t.diagnostic(`figure: ConfigMap, ${name}: recovered after ${Math.round(ms)} ms`);
      assert.deepEqual(steady.wrong, []);
      assert.equal(await reviewer.problem(sampleWith(deleted, undefined)), undefined);
    });
  }
});

async function startMaps(t: TestContext): Promise<FakeApiServer> {
  const maps = await FakeApiServer.start();
  maps.collection = 'namespaces/eks/configmaps';
  t.after(() => maps.stop());
  return maps;
}

/** Without telling the watches. */
function putIdentities(maps: FakeApiServer, versions: Readonly<Record<number, string>>): void {
  const entries = Object.entries(versions).map(([index, version]) => {
    const { namespace, name } = account(Number(index));
    return [`${namespace}/${name}`, { RoleARN: roleOf(Number(index), version) }];
  });
  const data = { config: JSON.stringify(Object.fromEntries(entries)) };
  maps.putWhole({ metadata: { namespace: 'eks', name: 'pod-identity-webhook' }, data }, true);
}

/** Returns the URL of one API server that has the accounts of the one and the ConfigMaps of the other. */
async function joinServers(t: TestContext, { api }: Stage, maps: FakeApiServer): Promise<string> {
  const joined = http.createServer((request, response) => {
    const { url } = request.url?.includes('/configmaps') ? maps : api;
    const far = http.get(`${url}${request.url}`, { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
      answer.on('error', () => response.destroy()).pipe(response);
    });
    far.on('error', () => response.destroy());
    response.on('close', () => far.destroy());
  });
  t.after(() => {
    joined.closeAllConnections();
    joined.close();
  });
  await new Promise<void>((resolve) => joined.listen(0, '127.0.0.1', resolve));
  const address = joined.address();
  assert.ok(address && typeof address === 'object');
  return `http://127.0.0.1:${address.port}`;
}
