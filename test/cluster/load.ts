/** Test cluster: creates pods at a steady rate and counts what becomes of them. Nothing is stored, so nothing runs. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Place, within } from './fixture.ts';
import { asPod, isMutatedFor, type Pod, pod } from './pods.ts';

/** What became of the pods. */
export interface Losses {
  readonly created: number;
  /** Why creations failed. */
  readonly failures: readonly string[];
  /** When pods came out without their role, in seconds since the start. */
  readonly unmutatedAtSeconds: readonly number[];
  readonly slowestMs: number;
}

/** Pods being created. */
export interface Load {
  /** Ends it when the last pod is there. */
  stop(): Promise<Losses>;
}

const perSecond = 50;
/** Four minutes: a test that forgets to end it ends all the same. */
const mostPods = 12_000;

/** Says whether a pod has all that the role gives it. */
export type IsMutated = (made: Pod, role: string) => boolean;

/** Creates 50 pods a second of this account, whose role has its name, each with `dryRun`. */
export function startLoad(place: Place, account: string, isMutated: IsMutated = isMutatedFor): Load {
  const begun = performance.now();
  const failures: string[] = [];
  const unmutatedAtSeconds: number[] = [];
  const running = new Set<Promise<void>>();
  let created = 0;
  let slowestMs = 0;
  const createOne = async (): Promise<void> => {
    const sent = performance.now();
    const outcome = await tryCreate(place, account, isMutated).catch((fault: Error) => fault.message);
    slowestMs = Math.max(slowestMs, performance.now() - sent);
    if (outcome === 'unmutated') unmutatedAtSeconds.push(Math.round(sent - begun) / 1000);
    else if (outcome !== 'mutated') failures.push(outcome);
  };
  const timer = setInterval(() => {
    const due = Math.min(mostPods, Math.floor(((performance.now() - begun) / 1000) * perSecond));
    for (; created < due; created++) {
      const creation = createOne().finally(() => running.delete(creation));
      running.add(creation);
    }
  }, 1000 / perSecond);
  const stop = async () => {
    clearInterval(timer);
    await Promise.all(running);
    return { created, failures, unmutatedAtSeconds, slowestMs: Math.round(slowestMs) };
  };
  return { stop };
}

/** Creates pods while the work goes on, and a second longer. */
export async function underLoad(
  place: Place,
  account: string,
  work: () => Promise<unknown>,
  isMutated?: IsMutated,
): Promise<Losses> {
  const load = startLoad(place, account, isMutated);
  try {
    await pause(1000);
    await work();
    await pause(1000);
  } finally {
    await load.stop();
  }
  return load.stop();
}

async function tryCreate(place: Place, account: string, isMutated: IsMutated): Promise<string> {
  const path = `${within(place)}/pods?dryRun=All`;
  const { status, body, warnings } = await place.target.api.call('POST', path, pod('load', account));
  if (status !== 201) return `${status}: ${body.message} ${warnings}`;
  return isMutated(asPod(body), account) ? 'mutated' : 'unmutated';
}
