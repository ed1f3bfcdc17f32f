/** Attacks: all of them by name, and how to ready one beside the test. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { Outcome, Target } from './crowd.ts';
import { churn, headerFloods, hugeBodies } from './excess.ts';
import { garbage, slowHandshake } from './garbage.ts';
import { deaf, halfClosed, idleAfterAnswer, idlePlain, idleTls } from './idle.ts';
import { heavyBodies, slowBodies, slowHeaders } from './slow.ts';

const run = promisify(execFile);

export const attacks = {
  slowHandshake,
  slowHeaders,
  slowBodies,
  heavyBodies,
  idleTls,
  idlePlain,
  idleAfterAnswer,
  deaf,
  halfClosed,
  garbage,
  hugeBodies,
  headerFloods,
  churn,
} as const satisfies Readonly<Record<string, (target: Target) => Promise<Outcome>>>;

export type AttackName = keyof typeof attacks;

/** What an attack's process says when it is ready, and what has it begin. */
export const words = { ready: 'ready\n', begin: 'begin' } as const;

/**
 * Starts an attack's process, which the launcher becomes, and resolves once that is ready to a function that begins: to start
 * a process holds up the good clients, for 15 to 40 ms, which are not the webhook's. The process is gone with the test.
 * @throws when the process fails, before or after
 */
export async function readyAttack(
  t: TestContext,
  name: AttackName,
  target: Target,
  launcher: readonly string[],
): Promise<() => Promise<Outcome>> {
  const script = join(import.meta.dirname, 'main.ts');
  const [command = '', ...args] = [...launcher, process.execPath, script, name, JSON.stringify(target)];
  const ended = run(command, args);
  const { child } = ended;
  t.after(() => child.kill());
  child.stdin?.on('error', () => {
    // how the process ended says why
  });
  await Promise.race([
    once(child.stdout as Readable, 'data'),
    ended.then(() => Promise.reject(new Error(`${name} ended before it was ready`))),
  ]);
  return async () => {
    child.stdin?.end(words.begin);
    return JSON.parse((await ended).stdout.slice(words.ready.length));
  };
}
