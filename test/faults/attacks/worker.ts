/** Attacks: runs one in a thread of its own, so that the good client's clock is not held up. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Target } from './crowd.ts';
import { type AttackName, attacks } from './table.ts';

const { name, target } = workerData as { readonly name: AttackName; readonly target: Target };
parentPort?.postMessage(await attacks[name](target));
