/** IO: tunes V8: for little memory while the first state is listed, for fast answers from then on. Knows nothing of that state. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { Log, OnState } from '../ports.ts';

/** Only Linux has this folder, and priorities for threads. @see https://man7.org/linux/man-pages/man2/setpriority.2.html */
const ownThreads = '/proc/self/task';
/** As Node names them for the kernel. */
const helper = 'V8Worker';
/**
 * In the kernel's units, of which the answering thread has 0: a tenth of its weight. V8 compiles, and marks garbage, on four
 * threads; where the pod has one core, each would take its turn of 4 ms, and answers wait for all of them. A priority counts
 * within a container's control group only: collections take no longer where other pods are busy. At 19, the lowest, they do.
 */
const niceness = 10;

/** How threads are found and made to give way. */
export interface ThreadControl {
  /** Has a folder for each thread, named by its number, with its name in `comm`. */
  readonly folder: string;
  /** Sets a thread's niceness. @throws the system's refusal */
  readonly setPriority: (thread: number, niceness: number) => void;
}

/**
 * Spares memory from the end of the event loop's first turn until the returned function is called: when a first state is known;
 * calling it again is harmless. Not at once: Node brings compiled code of its own modules, which V8 takes only while its flags are
 * as Node had them, and most modules are loaded in the first turn: without that code they take 30 ms more. What an API server
 * lists arrives later; manifests are read in the first turn, and then nothing is spared.
 */
export function tuneEngine(log: Log, control: ThreadControl = { folder: ownThreads, setPriority }): OnState {
  const sparing = setImmediate(spareMemory);
  return () => {
    clearImmediate(sparing);
    favourAnswers(log, control);
  };
}

/**
 * Most of what a list brings is looked at once and dropped, and V8 takes the flood for a reason to let the young generation
 * grow from 1 or 2 MB to its limit, 16 or 32, of which it holds two or three. At the peak of 50,000 service accounts that is
 * 10 MB more, and no faster.
 */
function spareMemory(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * Lets the young generation grow: reviews of 163 KB are a fifth slower in 1 MB. Lets the helper threads give way; not earlier,
 * since marking that falls behind takes memory while accounts are listed. Where Linux does not let them, the log says so.
 */
function favourAnswers(log: Log, control: ThreadControl): void {
  // V8's default, under which Node's compiled modules are taken
  setFlagsFromString('--semi-space-growth-factor=2');
  if (!existsSync(control.folder)) return;
  const reason = whyUnyielding(control);
  if (reason === undefined) return;
  const message = "V8's helper threads keep their priority: where the pod has one core, answers wait for them";
  log.for('io/engine').info(message, { reason });
}

function whyUnyielding({ folder, setPriority }: ThreadControl): string | undefined {
  try {
    const helpers = readdirSync(folder).filter((thread) => nameOf(folder, thread).includes(helper));
    for (const thread of helpers) setPriority(Number(thread), niceness);
    return helpers.length > 0
      ? undefined
      : `no thread is named ${helper}; run the Node of the image, without flags for its threads`;
  } catch (error) {
    const { message } = error as Error;
    return `${message}; let the seccomp profile allow setpriority(2) to nice ${niceness}`;
  }
}

function nameOf(folder: string, thread: string): string {
  return readFileSync(`${folder}/${thread}/comm`, 'latin1');
}
