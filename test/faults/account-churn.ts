/** Fault suites: accounts that come and go at a steady rate while their pods are created. Checks every answer. */
import { setTimeout as delay } from 'node:timers/promises';
import { apiObject, roleEvery } from '../../bench/accounts.ts';
import { type Connection, connect } from '../../bench/connection.ts';
import { prepareRequest, stampUid } from '../../bench/requests.ts';
import { sample } from '../../bench/reviews.ts';
import { wrongReply } from '../../bench/verify.ts';
import type { FakeApiServer, FakeObject } from '../support/fake-api-server.ts';

/** What became of the accounts and their pods. */
export interface ChurnResult {
  readonly created: number;
  readonly deleted: number;
  /** What was wrong with the answers, a line each. */
  readonly wrong: readonly string[];
}

/** Enough for a second's accounts; each costs the webhook memory, as it would if the API server opened it. */
const connections = 50;

export interface ChurnOptions {
  /** The API server, which tells open watches. */
  readonly fake: FakeApiServer;
  /** The webhook's port. */
  readonly port: number;
  /** Accounts created a second; as many are deleted. */
  readonly rate: number;
  /** How many of them stay a while, at least. */
  readonly alive: number;
  /** A number above those of the accounts that stay, which `roleEvery` divides. */
  readonly firstIndex: number;
}

/**
 * Makes accounts come and go until the work is done; the pod of each is reviewed as soon as the API server has it. All have a
 * role: a pod of a new account without one waits for it by design.
 */
export async function duringChurn<T>(options: ChurnOptions, work: () => Promise<T>): Promise<[ChurnResult, T]> {
  const { fake, port, rate, alive, firstIndex } = options;
  const idle: Connection[] = await Promise.all(Array.from({ length: connections }, () => connect(port)));
  const running = new Set<Promise<void>>();
  const wrong: string[] = [];
  // an account goes after its pod was answered, however slow the machine
  const answered: number[] = [];
  let [isOver, created, deleted] = [false, 0, 0];
  const review = async (index: number): Promise<void> => {
    while (idle.length === 0) await delay(1);
    // in turn, so that none is idle for as long as the webhook keeps one: 120 s
    const connection = idle.shift() as Connection;
    const problem = await reviewOne(connection, index);
    if (problem !== undefined) wrong.push(`account-${index}: ${problem}`);
    idle.push(connection);
  };
  const turn = (): void => {
    const index = firstIndex + created++ * roleEvery;
    fake.putWhole(apiObject(index) as FakeObject);
    const reviewed = review(index)
      .catch((error: Error) => void wrong.push(`account-${index}: ${error.message}`))
      .finally(() => {
        answered.push(index);
        running.delete(reviewed);
      });
    running.add(reviewed);
    if (answered.length <= alive) return;
    removeAccount(fake, answered.shift() ?? index);
    deleted++;
  };
  const startMs = performance.now();
  const pump = async (): Promise<void> => {
    for (; !isOver; await delay(1)) while (startMs + (created * 1000) / rate <= performance.now()) turn();
    await Promise.all(running);
  };
  const pumped = pump();
  try {
    const result = await work();
    isOver = true;
    await pumped;
    return [{ created, deleted, wrong }, result];
  } finally {
    isOver = true;
    for (const connection of idle) connection.close();
  }
}

function removeAccount(fake: FakeApiServer, index: number): void {
  const { namespace, name } = (apiObject(index) as FakeObject).metadata;
  fake.remove(namespace, name);
}

async function reviewOne(connection: Connection, index: number): Promise<string | undefined> {
  const request = prepareRequest(sample('small', index));
  // the most that a registration can ask for
  request.bytes.write('30s', request.bytes.indexOf('10s'));
  const uid = stampUid(request, index);
  return wrongReply(await connection.exchange(request.bytes), { sample: request, uid, isPatching: true });
}
