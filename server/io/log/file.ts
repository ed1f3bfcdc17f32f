/** IO, log: one log file, and its new beginning when it is full. Buffers nothing. */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** Which file, how large, and how it begins. */
export interface LogFileOptions {
  readonly path: string;
  readonly limitBytes: number;
  /** Returns the text that a newly opened file is given first; empty for none. */
  readonly header: () => string;
}

/** A file open for appending. */
export class LogFile {
  readonly #options: LogFileOptions;
  #fd = -1;
  #bytes = 0;

  /** @throws the system's error when it cannot be opened or written */
  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#open();
  }

  get fd(): number {
    return this.#fd;
  }

  /**
   * Makes room for so many bytes that are about to be written: a file that they would overfill is renamed to `.1`, in
   * place of the last such file, and begun anew. Call it only while no write is under way.
   * @throws the system's error; the old file is then used on, and the next attempt comes as much later
   */
  makeRoom(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#options.limitBytes) return;
    const full = this.#fd;
    this.#bytes = bytes;
    renameSync(this.#options.path, `${this.#options.path}.1`);
    this.#open();
    closeSync(full);
    this.#bytes += bytes;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #open(): void {
    const fd = openSync(this.#options.path, 'a', 0o644);
    const header = this.#options.header();
    if (header !== '') writeSync(fd, header);
    this.#fd = fd;
    this.#bytes = fstatSync(fd).size;
  }
}
