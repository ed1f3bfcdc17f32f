/** Attacks: all of them by name, and how to run one beside the test. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
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

/** Runs an attack in a thread of its own and resolves to what became of it. */
export async function runAttack(name: AttackName, target: Target): Promise<Outcome> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { name, target } });
  const [outcome] = await once(worker, 'message');
  await worker.terminate();
  return outcome as Outcome;
}
