/** IO: tunes V8: for little memory from when this is loaded, for fast answers once the first state is known. Knows nothing of that state. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { Log } from '../ports.ts';

/**
 * Most of what a list brings is looked at once and dropped, and V8 takes the flood for a reason to let the young generation
 * grow from 1 MB to 16, of which it holds two or three. At the peak of 50,000 service accounts that is 10 MB more, and no
 * faster. So it starts with a factor of 1. What main.ts loads before this, by the order of its imports, is too little to matter.
 */
setFlagsFromString('--semi-space-growth-factor=1');

/** Only Linux has this folder, and priorities for threads. @see https://man7.org/linux/man-pages/man2/setpriority.2.html */
const threads = '/proc/self/task';
/** As Node names them for the kernel. */
const helper = 'V8Worker';
/**
 * In the kernel's units, of which the answering thread has 0: a tenth of its weight. V8 compiles, and marks garbage, on four
 * threads; where the pod has one core, each would take its turn of 4 ms, and answers wait for all of them. A priority counts
 * within a container's control group only: collections take no longer where other pods are busy.
 */
const niceness = 10;

/**
 * To be called when a first state is known, and harmless when repeated. Lets the young generation grow: reviews of 163 KB are a
 * fifth slower in 1 MB. Lets the helper threads give way; not earlier, since marking that falls behind takes memory while
 * accounts are listed. Where the system refuses, the log says so.
 */
export function favourAnswers(log: Log): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  if (!existsSync(threads)) return;
  try {
    for (const thread of readdirSync(threads).filter(isHelper)) setPriority(Number(thread), niceness);
  } catch (error) {
    const { message } = error as Error;
    log.info("V8's helper threads keep their priority: where the pod has one core, answers wait for them", { message });
  }
}

function isHelper(thread: string): boolean {
  return readFileSync(`${threads}/${thread}/comm`, 'latin1').includes(helper);
}
