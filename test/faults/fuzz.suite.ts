/** Fault suite: 100,000 mutated reviews. Each gets a well-formed answer, in time, and the webhook is after them what it was before. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect } from '../../bench/connection.ts';
import { createFakeApi } from '../../bench/fake-api.ts';
import { coreWaitSeconds, residentMemory } from '../../bench/process-figures.ts';
import { prepareRequest, stampUid } from '../../bench/requests.ts';
import { samples } from '../../bench/reviews.ts';
import { wrongReply } from '../../bench/verify.ts';
import { root } from '../support/program.ts';
import { wrongAnswer } from './fuzz/judge.ts';
import { secret } from './fuzz/originals.ts';
import { type Outcome, openSender, type Sender } from './fuzz/sender.ts';
import { kinds, type Mutation, mutation } from './mutations.ts';
import { type Server, startServer } from './server.ts';

/** Another seed makes other reviews. */
const seed = 20_260_601;
const reviews = 100_000;
/** After so many, all that is loaded or compiled on first use is there. */
const warmUp = 5_000;
const connections = 8;
/** The longest that one review may take. */
const slowMs = 1_000;
const attemptsAlone = 3;
/** So many faults are told; more would tell nothing new. */
const mostFaults = 20;

/** The level of the heap may rise by so much: what V8 has compiled since, and lines of the log that wait. */
const heapGrowthMb = 8;

test('whatever the review, it is answered, and nothing is left of it', { timeout: 1_800_000 }, async (t) => {
  const api = await startApi(t);
  const server = await startServer(t, {
    apiUrl: `http://127.0.0.1:${(api.server.address() as AddressInfo).port}`,
    nodeArgs: ['--expose-gc', `--import=${root}/test/faults/fuzz/heap-level.ts`],
    // long enough to be asked for, and short enough not to wait for thousands of accounts that are not there
    flags: ['--service-account-lookup-grace-period=20ms'],
  });
  const sender = openSender(server.port, connections);
  t.after(() => sender.close());
  const run = new Run(sender, server.pid);
  const startMs = performance.now();
  await run.send(0, warmUp);
  const before = await heapLevel(server, 1);
  await run.send(warmUp, reviews);
  await run.sendSlowOnesAlone();
  const seconds = (performance.now() - startMs) / 1000;
  const after = await heapLevel(server, 2);
  run.tell(t, seconds);
  tellMemory(t, server, [before, after]);
  assert.deepEqual(run.faults, []);
  await assertGoodReviewsAreAnswered(server);
  await assertNothingWasSurvived(server);
  assert.deepEqual(api.oddPaths, []);
  assert.ok(!server.program.output.stderr.includes(secret), 'a value of a variable is in the log');
  const grownMb = after.heapMb - before.heapMb;
  assert.ok(grownMb < heapGrowthMb, `the heap has grown by ${grownMb} MB, at most ${heapGrowthMb} are allowed`);
});

/** An API server that notes what it should never be asked for. */
async function startApi(t: TestContext): Promise<{ readonly server: http.Server; readonly oddPaths: string[] }> {
  const server = createFakeApi(100);
  const oddPaths: string[] = [];
  server.on('request', ({ url = '' }: http.IncomingMessage) => {
    const isExpected = /^\/api\/v1\/(serviceaccounts\?|namespaces\/[a-z0-9-]+\/serviceaccounts\/[a-z0-9.-]+$)/.test(
      url,
    );
    if (!isExpected) oddPaths.push(url.slice(0, 200));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, oddPaths };
}

/** The reviews that are sent, and what became of them. */
class Run {
  readonly faults: string[] = [];
  readonly #sender: Sender;
  readonly #pid: number;
  readonly #byKind = new Map(kinds.map((kind) => [kind, 0]));
  readonly #byStatus = new Map<string, number>();
  readonly #slow: number[] = [];
  #slowest = { ms: 0, kind: '' };
  #slowestAloneMs = 0;
  #cutOff = 0;

  constructor(sender: Sender, pid: number) {
    this.#sender = sender;
    this.#pid = pid;
  }

  /** Sends the reviews of these numbers, several at a time. */
  async send(from: number, to: number): Promise<void> {
    let next = from;
    const lane = async (): Promise<void> => {
      while (next < to && this.faults.length < mostFaults) {
        const number = next++;
        const sent = mutation(seed, number);
        this.#take(number, sent, await this.#sendUntilAnswered(sent));
      }
    };
    await Promise.all(Array.from({ length: connections }, lane));
  }

  /**
   * A request that is refused before all of it is there is closed with its answer, and a reset may overtake that (RFC 9112
   * section 9.6): sent again it must be answered.
   */
  async #sendUntilAnswered(sent: Mutation): Promise<Outcome> {
    let outcome = await this.#sender.send(sent);
    for (let again = 1; again < attemptsAlone && outcome.answer instanceof Error; again++) {
      if (outcome.answer.name === 'AbortError') break;
      this.#cutOff++;
      outcome = await this.#sender.send(sent);
    }
    return outcome;
  }

  /** A review that was slow may have waited for others, or for a core. Alone, and without that, it is slow only by itself. */
  async sendSlowOnesAlone(): Promise<void> {
    for (const number of this.#slow) {
      const sent = mutation(seed, number);
      let leastMs = Number.POSITIVE_INFINITY;
      for (let attempt = 0; attempt < attemptsAlone && leastMs > slowMs; attempt++) {
        leastMs = Math.min(leastMs, await this.#ownMs(sent));
      }
      this.#slowestAloneMs = Math.max(this.#slowestAloneMs, leastMs);
      if (leastMs > slowMs) this.#fault(number, sent, `${Math.round(leastMs)} ms, alone and at best`);
    }
  }

  /** Returns how long the answer takes, less the time in which server or client could have run and had no core. */
  async #ownMs(sent: Mutation): Promise<number> {
    const waitedMs = () => (coreWaitSeconds(this.#pid) + coreWaitSeconds(process.pid)) * 1000;
    const beforeMs = waitedMs();
    const { ms } = await this.#sender.send(sent);
    return ms - (waitedMs() - beforeMs);
  }

  #take(number: number, sent: Mutation, { answer, ms }: Outcome): void {
    const status = answer instanceof Error ? 'cut off' : String(answer.status);
    this.#byKind.set(sent.kind, (this.#byKind.get(sent.kind) ?? 0) + 1);
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    if (ms > this.#slowest.ms) this.#slowest = { ms, kind: sent.kind };
    if (ms > slowMs) this.#slow.push(number);
    const wrong = wrongAnswer(sent, answer);
    if (wrong !== undefined) this.#fault(number, sent, wrong);
  }

  #fault(number: number, { kind, body, path = '', headers = {} }: Mutation, wrong: string): void {
    const [start, length] = [body.subarray(0, 300).toString(), body.length];
    const request = JSON.stringify({ path, headers, length, start }).slice(0, 800);
    this.faults.push(`${wrong.slice(0, 300)}: mutation(${seed}, ${number}), ${kind}: ${request}`);
  }

  tell(t: TestContext, seconds: number): void {
    const list = (counts: ReadonlyMap<string, number>) => [...counts].map(([name, n]) => `${name} ${n}`).join(', ');
    t.diagnostic(`figure: ${reviews} mutated reviews in ${Math.round(seconds)} s, by kind: ${list(this.#byKind)}`);
    t.diagnostic(`figure: answers by status: ${list(this.#byStatus)} (goal: no 5xx)`);
    t.diagnostic(`figure: ${this.#cutOff} answers were overtaken by a reset, and had when asked again`);
    const { ms, kind } = this.#slowest;
    t.diagnostic(`figure: slowest answer ${Math.round(ms)} ms, ${kind}, with ${connections - 1} others under way`);
    const alone = `slowest of them ${Math.round(this.#slowestAloneMs)} ms by itself`;
    t.diagnostic(`figure: ${this.#slow.length} over ${slowMs} ms were sent again alone, ${alone} (goal: ${slowMs} ms)`);
  }
}

interface HeapLevel {
  /** What V8 holds, and what it holds for buffers. */
  readonly heapMb: number;
}

/** Has the webhook collect its garbage, and returns what is left. */
async function heapLevel({ program }: Server, number: number): Promise<HeapLevel> {
  program.process.kill('SIGUSR2');
  const line = await program.line(`heap level ${number} `);
  const { heapUsed, external } = JSON.parse(line.slice(line.indexOf('{')));
  return { heapMb: (heapUsed + external) / 1e6 };
}

function tellMemory(t: TestContext, { pid }: Server, levels: readonly HeapLevel[]): void {
  const [before, after] = levels.map(({ heapMb }) => heapMb.toFixed(1));
  t.diagnostic(`figure: heap ${before} MB after ${warmUp} reviews, ${after} MB at the end (goal: the same level)`);
  t.diagnostic(`figure: peak RSS ${Math.round(residentMemory(pid).peakMb)} MB`);
}

async function assertGoodReviewsAreAnswered({ port, program }: Server): Promise<void> {
  const connection = await connect(port);
  for (const [number, sample] of samples('mix').entries()) {
    const request = prepareRequest(sample);
    const uid = stampUid(request, number);
    const reply = await connection.exchange(request.bytes);
    assert.equal(wrongReply(reply, { sample: request, uid, isPatching: true }), undefined);
  }
  connection.close();
  assert.deepEqual([program.process.exitCode, program.process.signalCode], [null, null]);
}

/** No bug was met: neither in a request nor outside of one. */
async function assertNothingWasSurvived(server: Server): Promise<void> {
  const text = await server.metrics();
  const bugs = /^pod_identity_webhook_faults_total\{code="(INTERNAL|uncaughtException|unhandledRejection)"\} .*$/gm;
  assert.deepEqual(text.match(bugs) ?? [], []);
}
