/** Fault suites: sends single reviews, and says whether their answers are right. */
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { account } from '../../bench/accounts.ts';
import { connect } from '../../bench/connection.ts';
import { prepareRequest, stampUid } from '../../bench/requests.ts';
import type { Response } from '../../bench/response-reader.ts';
import { type Sample, sample } from '../../bench/reviews.ts';
import { wrongReply } from '../../bench/verify.ts';

/** One connection, for one review at a time. */
export interface Reviewer {
  /** Returns what is wrong with the answer, or undefined. */
  problem(sample: Sample): Promise<string | undefined>;
  /** Returns the answer as it comes. */
  answer(sample: Sample): Promise<Response>;
  /** Resolves once the answer is right, asking anew every few milliseconds. The test's timeout bounds it. */
  untilRight(sample: Sample): Promise<void>;
}

/** Opens a connection for the length of one test. */
export async function openReviewer(t: TestContext, port: number): Promise<Reviewer> {
  const connection = await connect(port);
  t.after(() => connection.close());
  let sent = 0;
  const send = async (of: Sample) => {
    const request = prepareRequest(of);
    const uid = stampUid(request, ++sent);
    return { response: await connection.exchange(request.bytes), uid };
  };
  const problem = async (of: Sample) => {
    const { response, uid } = await send(of);
    return wrongReply(response, { sample: of, uid, isPatching: true });
  };
  return {
    problem,
    answer: async (of) => (await send(of)).response,
    async untilRight(of) {
      while (!t.signal.aborted && (await problem(of)) !== undefined) await delay(5);
      t.signal.throwIfAborted();
    },
  };
}

/** Returns the review of a pod whose account has, or shall have, this role. */
export function sampleWith(index: number, roleArn: string | undefined): Sample {
  return { ...sample('small', index), account: { ...account(index), roleArn } };
}
