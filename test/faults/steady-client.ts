/** Fault suites: the good client beside the bad ones. Sends reviews at a steady rate, checks every answer, and times it. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, connect } from '../../bench/connection.ts';
import { type PreparedRequest, prepareRequest, stampUid } from '../../bench/requests.ts';
import { type Sample, samples } from '../../bench/reviews.ts';
import { quantiles } from '../../bench/statistics.ts';
import { wrongReply } from '../../bench/verify.ts';

/** What became of the reviews. */
export interface SteadyResult {
  readonly sent: number;
  /** What was wrong with answers, a line each; connections that ended are among them. */
  readonly wrong: readonly string[];
  /** From the moment each review was due, in milliseconds. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

export interface SteadyOptions {
  readonly port: number;
  /** Reviews a second. */
  readonly rate: number;
  readonly connections?: number;
  /** The reviews to repeat; by default small and medium ones, one in five with a role. */
  readonly reviews?: readonly Sample[];
}

/** Sends reviews until the work is done, and returns what became of them beside what the work returned. */
export async function duringSteadyLoad<T>(options: SteadyOptions, work: () => Promise<T>): Promise<[SteadyResult, T]> {
  const { port, rate, connections = 8, reviews = samples('mix') } = options;
  const lanes = await Promise.all(Array.from({ length: connections }, () => openLane(port, reviews)));
  const idle = [...lanes];
  const [latencies, wrong]: [number[], string[]] = [[], []];
  let [isOver, started] = [false, 0];
  const send = async (lane: Lane, dueMs: number): Promise<void> => {
    const problem = await lane.next().catch((error: Error) => error.message);
    if (problem !== undefined) wrong.push(problem);
    latencies.push(performance.now() - dueMs);
    idle.push(lane);
  };
  const startMs = performance.now();
  const pump = async (): Promise<void> => {
    for (; !isOver; await delay(1)) {
      for (let dueMs = startMs; ; started++) {
        dueMs = startMs + (started * 1000) / rate;
        // in turn: one that nobody has used yet is the first to go in a crowd
        const lane = dueMs <= performance.now() ? idle.shift() : undefined;
        if (lane === undefined) break;
        void send(lane, dueMs);
      }
    }
    while (idle.length < lanes.length) await delay(1);
  };
  const pumped = pump();
  try {
    const result = await work();
    isOver = true;
    await pumped;
    return [{ sent: latencies.length, wrong, latencyMs: quantiles(latencies) }, result];
  } finally {
    isOver = true;
    for (const lane of lanes) lane.close();
  }
}

/** One connection and its requests, sent in turn. */
interface Lane {
  /** Sends the next review and returns what is wrong with the answer. */
  next(): Promise<string | undefined>;
  close(): void;
}

async function openLane(port: number, reviews: readonly Sample[]): Promise<Lane> {
  const connection: Connection = await connect(port);
  const requests = reviews.map(prepareRequest);
  let sent = 0;
  return {
    next: async () => {
      const request = requests[sent % requests.length] as PreparedRequest;
      const uid = stampUid(request, ++sent);
      return wrongReply(await connection.exchange(request.bytes), { sample: request, uid, isPatching: true });
    },
    close: () => connection.close(),
  };
}
