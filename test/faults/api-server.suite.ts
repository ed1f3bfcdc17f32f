/** Fault suite: the API server fails in every way that was seen or can be thought of. Every review of known accounts is answered rightly meanwhile; how soon changes are known afterwards is printed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Act, closeAtOnce, type FakeApiServer, hang, openWatch, refuse } from '../support/fake-api-server.ts';
import { ask } from '../support/program.ts';
import { type ApiFault, apiFaults, meet, type Scene } from './api-faults.ts';
import { afterChanges, beforeChanges, changeSilently, putAccount, type Stage, setStage } from './api-scene.ts';
import { openReviewer, type Reviewer, sampleWith } from './reviewer.ts';
import { launchServer, type Server, startServer, untilReady } from './server.ts';
import { duringSteadyLoad } from './steady-client.ts';

/** Long enough for what takes longest by design, the deaf connection, on a machine that is busy. */
const bounded = { timeout: 220_000 };
const load = { rate: 25, connections: 2 };
/** So that a slow machine does not end a live lookup of what is to be found. */
const patient = '--service-account-lookup-grace-period=5s';

const timeouts = new Set<string>();

describe('while the API server fails, known accounts are served, and after it all changes are known', {
  ...bounded,
  concurrency: 12,
}, () => {
  for (const fault of apiFaults) it(fault.name, bounded, (t) => recoverFrom(t, fault));

  after(() => assert.ok(timeouts.size > 1, 'watches ask for random timeouts'));
});

async function recoverFrom(t: TestContext, { name, inflict, after }: ApiFault): Promise<void> {
  const stage = await setStage(t);
  const server = await startServer(t, { ...stage.options, flags: [...stage.options.flags, patient] });
  const reviewer = await openReviewer(t, server.port);
  for (const sample of beforeChanges) assert.equal(await reviewer.problem(sample), undefined);
  const { revision } = stage.api;
  const scene: Scene = { ...stage, server, revision, changes: changeSilently(stage.api) };
  const [steady, recoveredMs] = await duringSteadyLoad({ ...load, port: server.port }, async () => {
    await inflict(scene);
    const overMs = performance.now();
    assert.equal((await ask(server.port, '/readyz')).status, 200, 'stays ready');
    assert.equal(await reviewer.problem(afterChanges.created), undefined, 'a new account is asked for');
    await reviewer.untilRight(afterChanges.changed);
    const ms = performance.now() - overMs;
    await reviewer.untilRight(afterChanges.deleted);
    return ms;
  });
  t.diagnostic(`figure: ${name}: recovered after ${Math.round(recoveredMs)} ms`);
  assert.deepEqual(steady.wrong, []);
  assert.equal(await reviewer.problem(afterChanges.created), undefined, 'the new account stays');
  assert.equal(server.program.process.exitCode, null, 'the process is alive');
  checkQueries(stage.api);
  await after?.(scene, recoveredMs);
}

function checkQueries(api: FakeApiServer): void {
  for (const { query } of api.exchanges.filter(({ kind }) => kind === 'watch')) {
    const seconds = query.get('timeoutSeconds') ?? '';
    timeouts.add(seconds);
    assert.ok(Number(seconds) >= 300 && Number(seconds) <= 600, `timeoutSeconds=${seconds}`);
    assert.equal(query.get('allowWatchBookmarks'), 'true');
  }
}

/** A first state, and what is in its way. */
interface Beginning {
  readonly name: string;
  readonly prepare: (stage: Stage) => void;
  /** Resolves once nothing is in the way any more. */
  readonly over?: (stage: Stage, server: Server) => Promise<void>;
}

const halfAStream: Act = (exchange) => {
  const watch = openWatch(exchange);
  watch.send('ADDED', { metadata: { name: 'half', namespace: 'team', resourceVersion: '9' } });
  watch.end();
};

const beginnings: readonly Beginning[] = [
  { name: 'nothing', prepare: () => {} },
  {
    name: 'a server that ignores the wish to stream (seen after 15 s)',
    prepare: ({ api }) => {
      api.isStreamingLists = false;
    },
  },
  {
    name: 'a server that refuses to stream, and pages of 3',
    prepare: ({ api }) => {
      api.misbehave('watch', refuse(422));
      api.pageLimit = 3;
    },
  },
  {
    name: '503 for the list',
    prepare: ({ api }) => {
      api.misbehave('watch', refuse(422));
      api.misbehave('list', refuse(503));
    },
  },
  { name: 'a stream that ends before its state is whole', prepare: ({ api }) => api.misbehave('watch', halfAStream) },
  {
    name: '403 of a server that has not read its roles yet',
    prepare: ({ api }) => {
      api.misbehave('watch', refuse(403));
      api.misbehave('list', refuse(403));
    },
  },
  {
    name: 'a server that is away',
    prepare: ({ wire }) => wire.cut(),
    over: async ({ wire }, server) => {
      await untilReady(server, 503);
      assert.match((await ask(server.port, '/readyz')).text, /service accounts: first list not complete/);
      assert.equal((await ask(server.port, '/livez')).status, 200);
      await wire.mend();
    },
  },
];

describe('the webhook becomes ready with its first state, in spite of', { ...bounded, concurrency: 7 }, () => {
  for (const { name, prepare, over } of beginnings) {
    it(name, bounded, async (t) => {
      const stage = await setStage(t);
      prepare(stage);
      const startMs = performance.now();
      const server = await launchServer(t, stage.options);
      await over?.(stage, server);
      await untilReady(server);
      t.diagnostic(`figure: ${name}: ready ${Math.round(performance.now() - startMs)} ms after the start`);
      const [steady] = await duringSteadyLoad({ ...load, port: server.port }, () => delay(200));
      assert.deepEqual(steady.wrong, []);
      checkQueries(stage.api);
    });
  }
});

const lost = 100;

describe('accounts that nobody knows yet', { ...bounded, concurrency: 2 }, () => {
  const outages: readonly (readonly [string, (stage: Stage) => Promise<void> | void])[] = [
    ['is away', ({ wire }) => wire.cut()],
    ['never answers', ({ wire }) => wire.muffle()],
  ];
  for (const [what, inflict] of outages) {
    it(`cost nobody his pod while the API server ${what}, and are found when it is back`, bounded, async (t) => {
      const stage = await setStage(t);
      const server = await startServer(t, { ...stage.options, flags: [...stage.options.flags, patient] });
      const reviewers = await Promise.all(Array.from({ length: 20 }, () => openReviewer(t, server.port)));
      const [steady] = await duringSteadyLoad({ ...load, port: server.port }, async () => {
        await inflict(stage);
        await letThrough(t, reviewers);
        for (let i = 0; i < lost; i++) putAccount(stage.api, 1000 + 5 * i);
        await stage.wire.mend();
        const problems = await Promise.all(reviewers.flatMap((reviewer, lane) => askFor(reviewer, lane)));
        assert.deepEqual(problems.flat(), []);
      });
      t.diagnostic(`figure: API server ${what}: 0 of ${lost} pods of new accounts lost when it is back`);
      assert.deepEqual(steady.wrong, []);
    });
  }
});

/** Unknown accounts while nobody can be asked: their pods go through as they are, with a warning, before the API server's patience ends. */
async function letThrough(t: TestContext, reviewers: readonly Reviewer[]): Promise<void> {
  const startMs = performance.now();
  const answers = await Promise.all(reviewers.map((reviewer, i) => reviewer.answer(sampleWith(500 + i, undefined))));
  t.diagnostic(`figure: unknown accounts, nobody to ask: answered after ${Math.round(performance.now() - startMs)} ms`);
  for (const { status, body } of answers) {
    const { response } = JSON.parse(body.toString());
    assert.deepEqual([status, response.allowed, response.patch], [200, true, undefined]);
    assert.match(String(response.warnings), /account-5\d\d/);
  }
}

async function askFor(reviewer: Reviewer, lane: number): Promise<readonly string[]> {
  const problems: string[] = [];
  for (let i = lane; i < lost; i += 20) {
    const index = 1000 + 5 * i;
    const problem = await reviewer.problem(sampleWith(index, `arn:aws:iam::123456789012:role/bench/account-${index}`));
    if (problem !== undefined) problems.push(`account-${index}: ${problem}`);
  }
  return problems;
}

describe('the end of the webhook', { ...bounded, concurrency: 3 }, () => {
  const waits: readonly (readonly [string, (stage: Stage) => Promise<void>])[] = [
    ['the API server does not answer', ({ api }) => closeWith(api, hang)],
    ['it waits to ask again', ({ api }) => closeWith(api, refuse(500))],
    ['watches are closed at once', ({ api }) => closeWith(api, closeAtOnce)],
  ];
  for (const [what, inflict] of waits) {
    it(`comes in order while ${what}`, bounded, async (t) => {
      const stage = await setStage(t);
      const flags = [...stage.options.flags, '--shutdown-delay-duration=0s'];
      const { program } = await startServer(t, { ...stage.options, flags });
      await inflict(stage);
      const startMs = performance.now();
      program.process.kill('SIGTERM');
      assert.deepEqual(await once(program.process, 'exit'), [0, null]);
      t.diagnostic(`figure: SIGTERM while ${what}: ended after ${Math.round(performance.now() - startMs)} ms`);
    });
  }
});

/** Lets every watch meet the act from now on; resolves once the first has. */
function closeWith(api: FakeApiServer, act: Act): Promise<void> {
  const met = meet(api, 'watch', act);
  api.misbehave('watch', ...Array<Act>(100).fill(act));
  api.watch.end();
  return met;
}
