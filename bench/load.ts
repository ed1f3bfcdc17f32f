/** Bench: the load generator's work. Runs in a process of its own, on a core of its own; judges no figures. */
import { type Connection, connect } from './connection.ts';
import { coreWaitSeconds, cpuSeconds } from './process-figures.ts';
import { type PreparedRequest, prepareRequest, stampUid } from './requests.ts';
import type { Response } from './response-reader.ts';
import { type Load, samples } from './reviews.ts';
import { quantiles } from './statistics.ts';
import { wrongReply } from './verify.ts';

/** What to send to whom; travels to the generator's process as JSON. */
export interface LoadJob {
  readonly port: number;
  /** The server's process, whose CPU time is read. */
  readonly pid: number;
  readonly load: Load;
  readonly isPatching: boolean;
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Requests a second, sent on time whatever the server does; undefined: each connection sends when it has its answer. */
  readonly rate?: number;
}

/** What was measured. */
export interface LoadResult {
  readonly requests: number;
  readonly wallSeconds: number;
  readonly serverCpuSeconds: number;
  /** The server could have run, but others had its core. */
  readonly serverWaitSeconds: number;
  readonly generatorCpuSeconds: number;
  /** From the intended moment of sending, in milliseconds; only with a rate. */
  readonly latencyMs?: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Sends the load: first with every reply checked through, then against the clock with status and length checked. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const lanes = await Promise.all(Array.from({ length: job.connections }, () => openLane(job)));
  await Promise.all(lanes.map((lane) => lane.verifyAll()));
  await runClosed(lanes, job.warmUpSeconds);
  const before = readFigures(job.pid);
  const latencies = job.rate === undefined ? [] : await runOpen(lanes, job.seconds, job.rate);
  const requests = job.rate === undefined ? await runClosed(lanes, job.seconds) : latencies.length;
  const after = readFigures(job.pid);
  for (const lane of lanes) lane.close();
  return {
    requests,
    wallSeconds: after.wall - before.wall,
    serverCpuSeconds: after.server - before.server,
    serverWaitSeconds: after.wait - before.wait,
    generatorCpuSeconds: after.own - before.own,
    ...(latencies.length > 0 && { latencyMs: quantiles(latencies) }),
  };
}

function readFigures(pid: number) {
  const wall = performance.now() / 1000;
  return { wall, server: cpuSeconds(pid), wait: coreWaitSeconds(pid), own: cpuSeconds('self') };
}

/** One connection and its requests, sent in turn. */
interface Lane {
  /** Sends each request twice and checks the replies through. @throws at the first wrong one */
  verifyAll(): Promise<void>;
  /** Sends the next request. @throws for another status, or a length unlike that of the verified reply */
  next(): Promise<void>;
  close(): void;
}

/** The only parts of a reply that may differ from the verified one are numbers of a few digits. */
const lengthTolerance = 16;

async function openLane({ port, load, isPatching }: LoadJob): Promise<Lane> {
  const connection: Connection = await connect(port);
  const requests = samples(load).map(prepareRequest);
  const lengths = new Map<PreparedRequest, number>();
  let sent = 0;
  const verify = async (request: PreparedRequest): Promise<void> => {
    const uid = stampUid(request, ++sent);
    const response = await connection.exchange(request.bytes);
    const problem = wrongReply(response, { sample: request, uid, isPatching });
    if (problem) throw new Error(`wrong reply to a review of ${request.account.name}: ${problem}`);
    lengths.set(request, response.body.length);
  };
  const check = ({ status, body }: Response, request: PreparedRequest): void => {
    const off = Math.abs(body.length - (lengths.get(request) ?? 0));
    if (status !== 200 || off > lengthTolerance) throw new Error(`a reply went wrong under load: ${status} ${body}`);
  };
  return {
    verifyAll: async () => {
      for (const request of [...requests, ...requests]) await verify(request);
    },
    next: async () => {
      const request = requests[sent % requests.length] as PreparedRequest;
      stampUid(request, ++sent);
      check(await connection.exchange(request.bytes), request);
    },
    close: () => connection.close(),
  };
}

/** Returns how many requests were answered in that time. */
async function runClosed(lanes: readonly Lane[], seconds: number): Promise<number> {
  const endMs = performance.now() + seconds * 1000;
  let answered = 0;
  const run = async (lane: Lane): Promise<void> => {
    while (performance.now() < endMs) {
      await lane.next();
      answered++;
    }
  };
  await Promise.all(lanes.map(run));
  return answered;
}

/**
 * Returns the latency of each request in milliseconds. A request that finds all connections busy waits for one, and its
 * clock runs: a slow server cannot slow down the sender and so hide how slow it is.
 */
async function runOpen(lanes: readonly Lane[], seconds: number, rate: number): Promise<readonly number[]> {
  const idle = [...lanes];
  const total = Math.round(seconds * rate);
  const latencies: number[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const startMs = performance.now();
  let started = 0;
  const send = async (lane: Lane, intendedMs: number): Promise<void> => {
    await lane.next();
    idle.push(lane);
    if (latencies.push(performance.now() - intendedMs) === total) resolve();
  };
  // timers are a millisecond coarse; the generator has its core to itself, so it looks at the clock all the time
  const look = (): void => {
    for (; started < total; started++) {
      const intendedMs = startMs + (started * 1000) / rate;
      const lane = intendedMs <= performance.now() ? idle.pop() : undefined;
      if (lane === undefined) break;
      send(lane, intendedMs).catch(reject);
    }
    if (latencies.length < total) setImmediate(look);
  };
  look();
  await promise;
  return latencies;
}
