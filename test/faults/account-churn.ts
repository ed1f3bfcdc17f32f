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

export interface ChurnOptions {
  /** The API server, which tells open watches. */
  readonly fake: FakeApiServer;
  /** The webhook's port. */
  readonly port: number;
  /** Accounts created a second; as many are deleted. */
  readonly rate: number;
  /** How many of them are there at a time. */
  readonly alive: number;
  /** A number above those of the accounts that stay. */
  readonly firstIndex: number;
}

/** Makes accounts come and go until the work is done; the pod of each is reviewed as soon as the API server has it. */
export async function duringChurn<T>(options: ChurnOptions, work: () => Promise<T>): Promise<[ChurnResult, T]> {
  const { fake, port, rate, alive, firstIndex } = options;
  const idle: Connection[] = [];
  const running = new Set<Promise<void>>();
  const wrong: string[] = [];
  let [isOver, created, deleted] = [false, 0, 0];
  const review = async (index: number): Promise<void> => {
    const connection = idle.pop() ?? (await connect(port));
    const problem = await reviewOne(connection, index);
    if (problem !== undefined) wrong.push(`account-${index}: ${problem}`);
    idle.push(connection);
  };
  const turn = (): void => {
    const index = indexOf(firstIndex, created++);
    fake.putWhole(apiObject(index) as FakeObject);
    const reviewed = review(index)
      .catch((error: Error) => void wrong.push(`account-${index}: ${error.message}`))
      .finally(() => running.delete(reviewed));
    running.add(reviewed);
    if (created - deleted > alive) removeAccount(fake, indexOf(firstIndex, deleted++));
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

/** Every second one has a role. */
function indexOf(firstIndex: number, number: number): number {
  return firstIndex + number * roleEvery + (number % 2);
}

function removeAccount(fake: FakeApiServer, index: number): void {
  const { namespace, name } = (apiObject(index) as FakeObject).metadata;
  fake.remove(namespace, name);
}

async function reviewOne(connection: Connection, index: number): Promise<string | undefined> {
  const request = prepareRequest(sample('small', index));
  const uid = stampUid(request, index);
  return wrongReply(await connection.exchange(request.bytes), { sample: request, uid, isPatching: true });
}
