/** Ten minutes in a control group of 128 MB, with 50,000 accounts, load, and accounts that come and go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { apiObject } from '../../bench/accounts.ts';
import { residentMemory } from '../../bench/process-figures.ts';
import { type Sample, sample } from '../../bench/reviews.ts';
import { FakeApiServer, type FakeObject, refuse } from '../support/fake-api-server.ts';
import { type ChurnResult, duringChurn } from './account-churn.ts';
import { findMemoryHierarchy, type MemoryGroup, openMemoryGroup } from './memory-group.ts';
import { type Server, startServer } from './server.ts';
import { duringSteadyLoad, type SteadyResult } from './steady-client.ts';

const hierarchy = findMemoryHierarchy(process.getuid?.());
const skip = typeof hierarchy === 'string' && hierarchy;
const limitBytes = 128 * 1024 * 1024;
const accounts = 50_000;
const minutes = 10;
/** The first one raises the level: two full states are there for a moment, and V8 keeps some of the room. */
const relistsAfterMinutes = [1, 5];
const load = { rate: 300, reviews: reviewsOfMany() };
const churn = { rate: 50, alive: 500, firstIndex: accounts };
/** What an account that nobody has heard of may take. Long: the API server is in this process, and stands still while it lists. */
const flags = ['--service-account-lookup-grace-period=25s'];

test('50,000 accounts, load and churn fit into 128 MB for ten minutes', { skip, timeout: 900_000 }, async (t) => {
  if (typeof hierarchy === 'string') return;
  const fake = await FakeApiServer.start();
  t.after(() => fake.stop());
  for (let index = 0; index < accounts; index++) fake.putWhole(apiObject(index) as FakeObject, true);
  const group = openMemoryGroup(t, hierarchy, limitBytes);
  const server = await startServer(t, { apiUrl: fake.url, flags, launcher: group.launcher });
  const { port } = server;
  assert.ok(group.has(server.pid));
  const observe = () => observeMinutes({ server, group, fake, say: (line) => t.diagnostic(line) });
  const [steady, [churned, rssMb]] = await duringSteadyLoad({ port, ...load }, () =>
    duringChurn({ fake, port, ...churn }, observe),
  );
  tell(steady, churned, (line) => t.diagnostic(line));
  assert.equal(hasEnded(server), false, `the webhook ended:\n${server.program.output.stderr}`);
  assert.equal(group.counts().oomKills, 0);
  assert.deepEqual([...steady.wrong, ...churned.wrong].slice(0, 10), []);
  assert.equal(fullStates(fake), 1 + relistsAfterMinutes.length);
  const [before, after] = [mean(rssMb.slice(2, 4)), mean(rssMb.slice(-2))];
  t.diagnostic(`figure: RSS at the end against minutes 3 and 4: ${(after / before).toFixed(3)} (goal: level)`);
  assert.ok(after <= before * 1.1, `RSS grew from ${before} to ${after} MB`);
});

interface Observed {
  readonly server: Server;
  readonly group: MemoryGroup;
  readonly fake: FakeApiServer;
  readonly say: (line: string) => void;
}

/** Returns the mean RSS of each minute, in MB. Ends early when the webhook does. */
async function observeMinutes(observed: Observed): Promise<readonly number[]> {
  const rssMb: number[] = [];
  while (rssMb.length < minutes && !hasEnded(observed.server)) {
    if (relistsAfterMinutes.includes(rssMb.length)) askForRelist(observed.fake);
    rssMb.push(await observeMinute(observed, rssMb.length + 1));
  }
  return rssMb;
}

async function observeMinute({ server, group, say }: Observed, minute: number): Promise<number> {
  const seen: number[] = [];
  const endMs = performance.now() + 60_000;
  while (performance.now() < endMs && !hasEnded(server)) {
    seen.push(residentMemory(server.pid).nowMb);
    await delay(1000);
  }
  const { usedMb, limitReached, oomKills } = group.counts();
  const rss = `RSS ${mean(seen).toFixed(1)} MB (${Math.min(...seen).toFixed(1)} to ${Math.max(...seen).toFixed(1)})`;
  say(
    `figure: minute ${minute}: ${rss}, group ${usedMb.toFixed(1)} of ${(limitBytes / 1e6).toFixed(1)} MB, limit reached ${limitReached} times, ${oomKills} killed (goal: 0)`,
  );
  return mean(seen);
}

function tell(steady: SteadyResult, churned: ChurnResult, say: (line: string) => void): void {
  const { sent, wrong, latencyMs } = steady;
  const [p50, p99, max] = [latencyMs.p50, latencyMs.p99, latencyMs.max].map((ms) => ms.toFixed(1));
  say(
    `figure: ${sent} reviews, ${wrong.length} wrong (goal: 0); from when they were due: p50 ${p50}, p99 ${p99}, slowest ${max} ms`,
  );
  const { created, deleted } = churned;
  say(`figure: ${created} accounts created, ${deleted} deleted; ${churned.wrong.length} of their pods wrong (goal: 0)`);
}

/** What the webhook knows is too old, says the API server from now on. */
function askForRelist(fake: FakeApiServer): void {
  fake.misbehave('watch', refuse(410, 'too old resource version'));
  fake.watch.end();
}

function fullStates({ watches }: FakeApiServer): number {
  return watches.filter(({ query }) => query.get('sendInitialEvents') === 'true').length;
}

function hasEnded({ program }: Server): boolean {
  return program.process.exitCode !== null || program.process.signalCode !== null;
}

/** Small and medium pods of accounts all over, a fifth with roles; three in ninety are large. */
function reviewsOfMany(): readonly Sample[] {
  const sizeOf = (number: number) => (number % 30 === 0 ? 'large' : number % 2 === 0 ? 'small' : 'medium');
  return Array.from({ length: 90 }, (_, number) => sample(sizeOf(number), number * 499));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
