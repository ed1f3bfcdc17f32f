/** IO: what V8 favours: memory from the moment this is loaded, answers once there are any to give. Knows nothing of what they say. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { Log } from '../ports.ts';

/**
 * Most of what a list brings is looked at once and dropped, and V8 takes the flood for a reason to let the young generation
 * grow from 1 MB to 16, of which it holds two or three. At the peak of 50,000 service accounts that is 10 MB more, and no
 * faster. So it starts with a factor of 1.
 */
setFlagsFromString('--semi-space-growth-factor=1');

/** Only Linux has this folder, and priorities for threads. @see https://man7.org/linux/man-pages/man2/setpriority.2.html */
const threads = '/proc/self/task';
/** As Node names them for the kernel. */
const helper = 'V8Worker';
/** In the kernel's units, of which the answering thread has 0: a tenth of its weight. */
const niceness = 10;

/**
 * To be called when the first state is known: while 50,000 accounts are listed, marking of garbage that falls behind takes
 * 8 MB more. Lets the young generation grow: reviews of 163 KB are a fifth slower in 1 MB. Lets V8's four helper threads,
 * which compile and mark, give way to the one that answers: where the pod has one core, each would take its turn of 4 ms, and
 * answers wait for all of them. A priority counts within a pod's control group only: collections take no longer where other
 * pods are busy. Where it is refused, the log says so.
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
