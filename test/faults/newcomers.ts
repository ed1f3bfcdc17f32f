/** Fault suites: good clients that open a connection for each review, as an API server does after a pause. Judges each answer. */
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../bench/connection.ts';
import { type PreparedRequest, prepareRequest, stampUid } from '../../bench/requests.ts';
import { samples } from '../../bench/reviews.ts';
import { wrongReply } from '../../bench/verify.ts';

/** What became of the newcomers. */
export interface NewcomersResult {
  readonly sent: number;
  /** What was wrong with answers, a line each; refused connections are among them. */
  readonly wrong: readonly string[];
  /** The longest from the first packet to the answer, in milliseconds. */
  readonly longestMs: number;
}

const pauseMs = 100;

/** Has one newcomer after the other ask until the work is done, and returns what became of them beside what the work returned. */
export async function duringNewcomers<T>(port: number, work: () => Promise<T>): Promise<[NewcomersResult, T]> {
  const requests = samples('mix').map(prepareRequest);
  const wrong: string[] = [];
  let [isOver, sent, longestMs] = [false, 0, 0];
  const visits = async (): Promise<void> => {
    for (; !isOver; await delay(pauseMs)) {
      const startMs = performance.now();
      const request = requests[sent % requests.length] as PreparedRequest;
      const problem = await visit(port, request, ++sent).catch((error: Error) => error.message);
      if (problem !== undefined) wrong.push(`newcomer: ${problem}`);
      longestMs = Math.max(longestMs, performance.now() - startMs);
    }
  };
  const visited = visits();
  const result = await work().finally(() => {
    isOver = true;
  });
  await visited;
  return [{ sent, wrong, longestMs }, result];
}

/** Returns what is wrong with the answer. */
async function visit(port: number, request: PreparedRequest, number: number): Promise<string | undefined> {
  const connection = await connect(port);
  try {
    const uid = stampUid(request, number);
    return wrongReply(await connection.exchange(request.bytes), { sample: request, uid, isPatching: true });
  } finally {
    connection.close();
  }
}
