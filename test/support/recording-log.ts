/** Test support: a log that keeps its lines. Writes nothing. */
import type { Log, LogFields } from '../../server/ports.ts';

/** A line that was logged; `v` only on verbose ones. */
export interface RecordedLine {
  readonly level: 'info' | 'warning' | 'error';
  readonly module: string;
  readonly message: string;
  readonly fields: LogFields;
  readonly v?: number;
}

/** Keeps what is logged, here and through `for`, in one list. */
export class RecordingLog implements Log {
  readonly lines: RecordedLine[];
  readonly #module: string;
  readonly #verbosity: number;

  /** @param verbosity the greatest level of `verbose` lines that are kept */
  constructor(verbosity = 10, module = '', lines: RecordedLine[] = []) {
    this.#verbosity = verbosity;
    this.#module = module;
    this.lines = lines;
  }

  /** The messages, in order. */
  get messages(): readonly string[] {
    return this.lines.map((line) => line.message);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#keep({ level: 'info', module: this.#module, message, fields });
  }

  warning(message: string, fields: LogFields = {}): void {
    this.#keep({ level: 'warning', module: this.#module, message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.#keep({ level: 'error', module: this.#module, message, fields });
  }

  isOn(level: number): boolean {
    return level <= this.#verbosity;
  }

  verbose(level: number, message: string, fields: LogFields = {}): void {
    if (this.isOn(level)) this.#keep({ level: 'info', module: this.#module, message, fields, v: level });
  }

  for(module: string): RecordingLog {
    return new RecordingLog(this.#verbosity, module, this.lines);
  }

  #keep(line: RecordedLine): void {
    this.lines.push(line);
  }
}
