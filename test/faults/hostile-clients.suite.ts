/**
 * Slow and hostile clients: whatever they do, each good review beside them is answered rightly, the process lives within the
 * memory of a pod, and it lets go of them within its limits. Latency and memory are printed.
 *
 * The server has a core, as much memory as its pod, and a key as the webhook's own CA makes them (ECDSA: a signature of RSA,
 * which self-signed pairs have out of cluster, costs ten times as much). Attackers and good clients share the other core,
 * where the good ones come first. ATTACK=<regular expression> runs only the attacks whose names it fits.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createFakeApi } from '../../bench/fake-api.ts';
import { until } from '../../bench/probe.ts';
import { coreWaitSeconds, residentMemory } from '../../bench/process-figures.ts';
import { putValidPair } from '../support/certificate.ts';
import { tempFolder } from '../support/temp-folder.ts';
import type { Outcome } from './attacks/crowd.ts';
import { pipelined } from './attacks/pipelined.ts';
import { type AttackName, readyAttack } from './attacks/table.ts';
import { attackerLauncher, keepToClientsCore, serverLauncher } from './cores.ts';
import { findMemoryHierarchy, type MemoryCounts, type MemoryGroup, openMemoryGroup } from './memory-group.ts';
import { duringNewcomers } from './newcomers.ts';
import { type Server, startServer } from './server.ts';
import { duringSteadyLoad } from './steady-client.ts';

/** Far below what a core can do, so that a delay is the attack's and no queue of our own making. */
const rate = 200;
const quietMs = 4000;
/** Hang limits beside the server's own: 10 s for handshakes and headers, 30 s for requests, 40 s for silence. */
const patienceMs = 60_000;
const bounded = { timeout: 900_000 };
/** What charts/ gives a pod. */
const limitBytes = 256 * 1024 * 1024;

/** An attack, or several at once, and what must become of it. */
interface Case {
  readonly name: string;
  readonly attacks: readonly AttackName[];
  /** How many connections may still be open at the end: idle ones of which the server keeps as many as it has room for. */
  readonly mayHold?: number;
  readonly patienceMs?: number;
  /** The statuses that answers may have; none has another. */
  readonly statuses: readonly number[];
}

const maxConnections = 1000;

const allCases: readonly Case[] = [
  { name: 'TLS garbage and slow handshakes', attacks: ['garbage', 'slowHandshake'], statuses: [200, 400] },
  { name: 'slow headers', attacks: ['slowHeaders'], statuses: [408] },
  {
    name: 'bodies without an end',
    attacks: ['slowBodies', 'heavyBodies'],
    statuses: [408, 503],
  },
  { name: 'clients that ask on and on and read nothing', attacks: ['deaf'], statuses: [] },
  { name: '5,000 idle connections that never shake hands', attacks: ['idlePlain'], statuses: [] },
  {
    name: '5,000 idle connections over TLS',
    attacks: ['idleTls'],
    // the API server keeps spare ones as well: they may stay for two minutes, as many as there is room for
    mayHold: maxConnections,
    patienceMs: 1000,
    statuses: [],
  },
  {
    name: '1,500 idle connections that have had an answer',
    attacks: ['idleAfterAnswer'],
    mayHold: maxConnections,
    patienceMs: 1000,
    statuses: [200],
  },
  { name: 'clients that close their side before the answer', attacks: ['halfClosed'], statuses: [200, 400] },
  { name: 'bodies and headers above the limits', attacks: ['hugeBodies', 'headerFloods'], statuses: [413, 431, 503] },
  { name: '4,000 connections opened and closed', attacks: ['churn'], statuses: [200, 400] },
];
const cases = allCases.filter(({ name }) => new RegExp(process.env.ATTACK ?? '').test(name));

test('good reviews are answered beside hostile clients, and the server lets go of those', bounded, async (t) => {
  const api = createFakeApi(1000);
  await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
  t.after(() => api.close().closeAllConnections());
  const { port } = api.address() as { port: number };
  keepToClientsCore();
  const group = openGroup(t);
  const launcher = [...serverLauncher, ...(group?.launcher ?? [])];
  const flags = await putValidPair(tempFolder(t));
  const server = await startServer(t, { apiUrl: `http://127.0.0.1:${port}`, flags, launcher });
  // what is compiled and loaded with the first requests belongs to nobody
  await good(server, () => delay(quietMs));
  const before = { fds: openFiles(server), rssMb: residentMemory(server.pid).nowMb };
  t.diagnostic(`figure: RSS before the attacks ${before.rssMb.toFixed(0)} MB, ${before.fds} open files`);
  for (const attack of cases) {
    await t.test(attack.name, (subtest) => endure(subtest, server, attack));
    await lettingGo(server, before.fds);
  }
  await t.test('pipelined reviews are answered in order', () => pipelined(server.port));
  const { nowMb } = residentMemory(server.pid);
  t.diagnostic(`figure: RSS after all attacks ${nowMb.toFixed(0)} MB (before them ${before.rssMb.toFixed(0)} MB)`);
  t.diagnostic(`figure: ${/^pod_identity_webhook_faults_total.*cut.*$/m.exec(await server.metrics())?.[0]}`);
  if (group) tellGroup(group.counts(), (line) => t.diagnostic(line));
  assertAlive(server);
});

/** A control group with the memory of a pod, where this machine has any. */
function openGroup(t: TestContext): MemoryGroup | undefined {
  const hierarchy = findMemoryHierarchy(process.getuid?.());
  if (typeof hierarchy !== 'string') return openMemoryGroup(t, hierarchy, limitBytes);
  t.diagnostic(`without a memory limit: ${hierarchy}`);
  return undefined;
}

function tellGroup({ usedMb, limitReached, oomKills }: MemoryCounts, say: (line: string) => void): void {
  const limitMb = limitBytes / 1e6;
  say(
    `figure: of ${limitMb.toFixed(0)} MB the group has ${usedMb.toFixed(0)}, limit reached ${limitReached} times, ${oomKills} killed (goal: 0)`,
  );
}

function assertAlive({ program: { process: child, output } }: Server): void {
  assert.deepEqual(
    [child.exitCode, child.signalCode],
    [null, null],
    `the webhook ended:\n${output.stderr.slice(-2000)}`,
  );
}

async function endure(t: TestContext, server: Server, attack: Case): Promise<void> {
  const target = { port: server.port, patienceMs: attack.patienceMs ?? patienceMs };
  const attackers = await Promise.all(attack.attacks.map((name) => readyAttack(t, name, target, attackerLauncher)));
  const [quiet, [quietNewcomers]] = await good(server, () => delay(quietMs));
  const memory = watchMemory(t, server);
  const waits = watchWaits(server);
  const [attacked, [newcomers, outcomes]] = await good(server, () => Promise.all(attackers.map((begin) => begin())));
  const [peakMb, waited] = [memory.stop(), waits.stop()];
  const [after, [lateNewcomers]] = await good(server, () => delay(quietMs));
  const level = (quiet.latencyMs.p99 + after.latencyMs.p99) / 2;
  const ratio = attacked.latencyMs.p99 / level;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  t.diagnostic(
    `figure: p99 ${ratio.toFixed(1)} times its level (goal: within 3): ${ms(attacked.latencyMs.p99)}, before ` +
      `${ms(quiet.latencyMs.p99)}, after ${ms(after.latencyMs.p99)}; p50 ${ms(attacked.latencyMs.p50)}, longest ` +
      `${ms(attacked.latencyMs.max)}; newcomers' longest ${ms(newcomers.longestMs)}, before ` +
      `${ms(quietNewcomers.longestMs)}, after ${ms(lateNewcomers.longestMs)}`,
  );
  t.diagnostic(`figure: RSS peak ${peakMb.toFixed(0)} MB; ${attacked.sent} + ${newcomers.sent} good reviews`);
  t.diagnostic(`figure: ${waited}`);
  for (const outcome of outcomes) t.diagnostic(`figure: ${JSON.stringify(outcome)}`);
  const all = [quiet, quietNewcomers, attacked, newcomers, after, lateNewcomers];
  assert.deepEqual(
    all.flatMap(({ wrong }) => wrong),
    [],
  );
  for (const outcome of outcomes) judge(outcome, attack);
  assertAlive(server);
}

function judge({ held, statuses }: Outcome, attack: Case): void {
  assert.ok(held <= (attack.mayHold ?? 0), `${held} connections are still open`);
  const others = Object.keys(statuses).filter((status) => !attack.statuses.includes(Number(status)));
  assert.deepEqual(others, []);
}

/** Has both kinds of good clients ask until the work is done. */
const good = <T>({ port }: Server, work: () => Promise<T>) =>
  duringSteadyLoad({ port, rate }, () => duringNewcomers(port, work));

/** Waits until the server has no more open files than before; the bound of `until` is a hang limit. */
async function lettingGo(server: Server, level: number): Promise<void> {
  await until(
    async () => openFiles(server) <= level,
    () => undefined,
  );
}

function openFiles({ pid }: Server): number {
  return fs.readdirSync(`/proc/${pid}/fd`).length;
}

/** Looks at the memory ten times a second, and tells the most that it has seen. */
function watchMemory(t: TestContext, { pid }: Server): { stop(): number } {
  let peakMb = 0;
  const look = () => {
    peakMb = Math.max(peakMb, residentMemory(pid).nowMb);
  };
  const timer = setInterval(look, 100);
  t.after(() => clearInterval(timer));
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return peakMb;
    },
  };
}

/** Tells how long the main threads of the server and of the good clients were ready to run and had no core. */
function watchWaits({ pid }: Server): { stop(): string } {
  const now = () => [performance.now() / 1000, coreWaitSeconds(pid), coreWaitSeconds(process.pid)] as const;
  const before = now();
  return {
    stop: () => {
      const [seconds, server, clients] = now().map((value, index) => (value - (before[index] ?? 0)).toFixed(2));
      return `of ${seconds} s the server was kept off its core for ${server} s, the good clients for ${clients} s`;
    },
  };
}
