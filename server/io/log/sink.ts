/** IO, log: collects lines and writes them in batches, off the event loop. Never throws and never waits for a slow reader. */
import { write, writeSync } from 'node:fs';
import type { Clock } from '../../ports.ts';

/** What lines are written to: a file, or standard error. */
export interface SinkTarget {
  readonly fd: number;
  /** Is called before each batch. @throws what kept it from making room */
  makeRoom(bytes: number): void;
}

/** The clock that wakes the sink, and who is told of what goes wrong. */
export interface SinkOptions {
  readonly clock: Clock;
  /** Is told of each write that failed. */
  readonly failed: (error: NodeJS.ErrnoException) => void;
  /** Is told of each line that was dropped because too much was waiting. */
  readonly dropped: () => void;
}

/** So much is written at once: each batch wakes another thread, which costs as much as some fifty lines. */
const batchLength = 64 * 1024;
/** The longest that a line waits for others; short enough to read along. */
const flushMs = 100;
/** The pause after a failed write. A disk does not empty faster. */
const retryMs = 1000;
/** So much may wait for a slow or full outlet, in characters: some seconds of a busy log. */
const limitLength = 1024 * 1024;
/** How often, and how long apart, the last flush tries a pipe that is full: a second in all. */
const finalAttempts = 100;
const finalPauseMs = 10;

/** A buffered way to one target. */
export class Sink {
  readonly #target: SinkTarget;
  readonly #options: SinkOptions;
  #waiting = '';
  /** What is being written, or could not be; empty when nothing. */
  #batch: Buffer = Buffer.alloc(0);
  #isWriting = false;
  #callOff: (() => void) | undefined;

  constructor(target: SinkTarget, options: SinkOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** Takes a line, with its newline. */
  write(line: string): void {
    if (this.#waiting.length > limitLength) {
      this.#options.dropped();
      return;
    }
    this.#waiting += line;
    if (this.#callOff === undefined) this.#arm(flushMs);
    else if (this.#waiting.length >= batchLength && this.#batch.length === 0) this.#send();
  }

  /** Writes all that waits before it returns, as far as it can be written within a second or so. */
  flushSync(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    // a batch that is under way is on its thread, which the process waits for when it ends
    const rest = this.#isWriting ? Buffer.alloc(0) : this.#batch;
    const last = Buffer.concat([rest, Buffer.from(this.#waiting)]);
    this.#waiting = '';
    if (!this.#isWriting) this.#batch = Buffer.alloc(0);
    try {
      writeAll(this.#target.fd, last);
    } catch (error) {
      this.#options.failed(error as NodeJS.ErrnoException);
    }
  }

  #arm(delayMs: number): void {
    this.#callOff = this.#options.clock.after(delayMs, () => {
      this.#callOff = undefined;
      if (this.#isWriting) this.#arm(flushMs);
      else this.#send();
    });
  }

  /** Begins to write the batch that failed, or else a new one. */
  #send(): void {
    if (this.#batch.length === 0) this.#fillBatch();
    if (this.#batch.length > 0) this.#writeBatch();
  }

  #fillBatch(): void {
    if (this.#waiting === '') return;
    this.#batch = Buffer.from(this.#waiting);
    this.#waiting = '';
    try {
      this.#target.makeRoom(this.#batch.length);
    } catch (error) {
      this.#options.failed(error as NodeJS.ErrnoException);
    }
  }

  #writeBatch(): void {
    this.#isWriting = true;
    write(this.#target.fd, this.#batch, (error, bytes) => {
      this.#isWriting = false;
      if (error) return this.#retryLater(error);
      this.#batch = this.#batch.subarray(bytes);
      if (this.#batch.length > 0 || this.#waiting.length >= batchLength) this.#send();
    });
  }

  #retryLater(error: NodeJS.ErrnoException): void {
    // a pipe that is full for now is no failure
    if (error.code !== 'EAGAIN') this.#options.failed(error);
    this.#callOff?.();
    this.#arm(error.code === 'EAGAIN' ? flushMs : retryMs);
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  let rest = bytes;
  for (let attempt = 1; rest.length > 0; attempt++) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || attempt > finalAttempts) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, finalPauseMs);
    }
  }
}
