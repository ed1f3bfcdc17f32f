/** Attacks: all of them by name, and how to ready one beside the test. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startProcess } from '../../support/program.ts';
import type { Outcome, Target } from './crowd.ts';
import { churn, headerFloods, hugeBodies } from './excess.ts';
import { garbage, slowHandshake } from './garbage.ts';
import { deaf, halfClosed, idleAfterAnswer, idlePlain, idleTls } from './idle.ts';
import { heavyBodies, slowBodies, slowHeaders } from './slow.ts';

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
export const words = { ready: 'ready', begin: 'begin' } as const;

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
  const program = startProcess(t, { command, args, isTold: true });
  await program.line(words.ready);
  return async () => {
    const { stdin } = program.process;
    stdin?.on('error', () => {
      // how the process ended says why
    });
    stdin?.end(words.begin);
    const code = await program.ended;
    if (code !== 0) throw new Error(`${name} ended with ${code}:\n${program.output.stderr}`);
    return JSON.parse(program.output.stdout);
  };
}
