/** IO, log: opens the outlets and hands each line to those that its severity goes to. Plans nothing. */
import { hostname } from 'node:os';
import type { Severity } from '../../../contract/flag-types.ts';
import type { SurvivedFaultCode } from '../../core/survived-faults.ts';
import type { Clock } from '../../ports.ts';
import { LogFile } from './file.ts';
import type { FileOutlet, Outlets } from './outlets.ts';
import { Sink, type SinkTarget } from './sink.ts';

/** What the log needs of the process. */
export interface LogOptions {
  /** The file descriptor of standard error. */
  readonly stderrFd: number;
  readonly clock: Clock;
  /** The program and its version, for the first line of files. */
  readonly writer: string;
  /** Counts `log-write-failed` and `log-line-dropped`. */
  readonly survived?: (code: SurvivedFaultCode) => void;
}

/** A log file that cannot be opened. */
export interface LogFault {
  readonly code: 'log-unwritable';
  readonly message: string;
}

/** A file outlet, opened. */
export interface OpenFile extends FileOutlet {
  readonly file: LogFile;
}

/** Opens all files of the plan, or none. */
export function openFiles(outlets: Outlets, header: () => string): readonly OpenFile[] | LogFault {
  const open: OpenFile[] = [];
  for (const outlet of outlets.files) {
    try {
      open.push({ ...outlet, file: new LogFile({ ...outlet, header }) });
    } catch (error) {
      for (const { file } of open) file.close();
      return unwritable(outlet, error as NodeJS.ErrnoException);
    }
  }
  return open;
}

function unwritable({ flag, path }: FileOutlet, error: NodeJS.ErrnoException): LogFault {
  const message =
    `--${flag}: cannot write the log file ${path}: ${error.message}. ` +
    'Its folder must exist and be writable for the user that this program runs as (in a pod: mount a volume there); ' +
    `or leave out --${flag}, and the log goes to standard error.`;
  return { code: 'log-unwritable', message };
}

/** Returns the first line of a log file: when it was opened, and by what. */
export function fileHeader({ clock, writer }: LogOptions): string {
  return ownLine(clock, { level: 'info', msg: 'Log file opened', writer, host: hostname() });
}

function ownLine(clock: Clock, fields: Readonly<Record<string, string>>): string {
  return `${JSON.stringify({ ts: new Date(clock.nowMs()).toISOString(), ...fields })}\n`;
}

/** What lines are handed to. */
export interface Router {
  write(severity: Severity, line: string): void;
  flushSync(): void;
}

/** Returns what hands each line to the outlets of its severity. */
export function createRouter(outlets: Outlets, files: readonly OpenFile[], options: LogOptions): Router {
  // when standard error itself fails there is nowhere left to say so: it is only counted
  const stderr = createSink({ fd: options.stderrFd, makeRoom() {} }, options, () => {});
  const fileSinks = files.map((outlet) => {
    const report = (error: Error) => stderr.write(failureLine(outlet, error, options.clock));
    return { ...outlet, sink: createSink(outlet.file, options, report) };
  });
  const bySeverity = [0, 1, 2].map((severity) => [
    ...(severity >= outlets.stderrFrom ? [stderr] : []),
    ...fileSinks.filter(({ from, to }) => from <= severity && severity <= to).map(({ sink }) => sink),
  ]);
  return {
    write(severity, line) {
      for (const sink of bySeverity[severity] ?? []) sink.write(line);
    },
    flushSync() {
      // standard error last: what fails in the others is said there
      for (const { sink } of fileSinks) sink.flushSync();
      stderr.flushSync();
    },
  };
}

function createSink(target: SinkTarget, options: LogOptions, report: (error: Error) => void): Sink {
  const { clock, survived = () => {} } = options;
  let isReported = false;
  return new Sink(target, {
    clock,
    dropped: () => survived('log-line-dropped'),
    failed(error) {
      survived('log-write-failed');
      if (!isReported) report(error);
      isReported = true;
    },
  });
}

function failureLine({ flag, path }: FileOutlet, error: Error, clock: Clock): string {
  const msg =
    'Cannot write a log file: its lines wait, and are lost when too many wait. ' +
    'Make room, or let this program write there; it goes on trying. Further failures are counted, not logged';
  return ownLine(clock, { level: 'error', msg, flag, path, error: error.message });
}
