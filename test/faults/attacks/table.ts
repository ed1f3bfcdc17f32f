/** Attacks: all of them by name, and how to run one beside the test. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
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

/** Runs an attack as a process of its own, which the launcher becomes, and resolves to what became of it. @throws when it fails */
export async function runAttack(name: AttackName, target: Target, launcher: readonly string[]): Promise<Outcome> {
  const script = join(import.meta.dirname, 'main.ts');
  const [command = '', ...args] = [...launcher, process.execPath, script, name, JSON.stringify(target)];
  const { stdout } = await run(command, args);
  return JSON.parse(stdout);
}
