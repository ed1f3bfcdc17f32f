/** IO, log: turns calls of the port into pino's, one log for each source file. Knows nothing of outlets. */
import { type Logger, pino } from 'pino';
import type { Config } from '../../../contract/flags.ts';
import type { Clock, Log, LogFields } from '../../ports.ts';
import { createTracer, type Tracer } from './backtrace.ts';
import { verbosityByModule } from './verbosity.ts';

/** The flags that say what lines hold and which verbose ones are written. */
export type ModuleLogConfig = Pick<Config, 'addDirHeader' | 'logBacktraceAt' | 'skipHeaders' | 'v' | 'vmodule'>;

/** Returns the function that gives the log of a module, always the same one for the same module. */
export function createModuleLogs(config: ModuleLogConfig, root: Logger): (module: string) => Log {
  const logs = new Map<string, Log>();
  const verbosityOf = verbosityByModule(config);
  const tracer = createTracer(config.logBacktraceAt);
  const logOf = (module: string): Log => {
    const known = logs.get(module);
    if (known) return known;
    const logger = config.skipHeaders ? root : root.child({ caller: callerOf(module, config.addDirHeader) });
    const log = new ModuleLog({ logger, verbosity: verbosityOf(module), tracer, logOf });
    logs.set(module, log);
    return log;
  };
  return logOf;
}

/** Returns the pino that writes to a destination; with or without level and time. */
export function createPino(skipHeaders: boolean, clock: Clock, destination: { write(line: string): void }): Logger {
  if (skipHeaders) return pino({ base: null, timestamp: false, formatters: { level: () => ({}) } }, destination);
  const level = (label: string) => ({ level: label === 'warn' ? 'warning' : label });
  const timestamp = () => `,"ts":"${writeTime(clock.nowMs())}"`;
  return pino({ base: null, timestamp, formatters: { level } }, destination);
}

let second = Number.NaN;
let secondText = '';

/** Returns the time as RFC 3339. Most lines share their second with the one before: its text is kept. */
function writeTime(nowMs: number): string {
  const inSecond = nowMs % 1000;
  if (nowMs - inSecond !== second) {
    second = nowMs - inSecond;
    secondText = new Date(second).toISOString().slice(0, -4);
  }
  return `${secondText}${String(Math.floor(inSecond)).padStart(3, '0')}Z`;
}

function callerOf(module: string, hasFolder: boolean): string {
  const parts = module.split('/').slice(hasFolder ? -2 : -1);
  return `${parts.join('/')}.ts`;
}

interface ModuleLogParts {
  readonly logger: Logger;
  readonly verbosity: number;
  readonly tracer: Tracer | undefined;
  readonly logOf: (module: string) => Log;
}

class ModuleLog implements Log {
  readonly #logger: Logger;
  readonly #verbosity: number;
  readonly #tracer: Tracer | undefined;
  readonly #logOf: (module: string) => Log;

  constructor({ logger, verbosity, tracer, logOf }: ModuleLogParts) {
    this.#logger = logger;
    this.#verbosity = verbosity;
    this.#tracer = tracer;
    this.#logOf = logOf;
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', { msg: message, ...fields });
  }

  warning(message: string, fields?: LogFields): void {
    this.#write('warn', { msg: message, ...fields });
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', { msg: message, ...fields });
  }

  isOn(level: number): boolean {
    return level <= this.#verbosity;
  }

  verbose(level: number, message: string, fields?: LogFields): void {
    if (level <= this.#verbosity) this.#write('info', { msg: message, v: level, ...fields });
  }

  for(module: string): Log {
    return this.#logOf(module);
  }

  /** Is called by the public methods only and calls the tracer itself: the tracer counts the frames between. */
  #write(level: 'info' | 'warn' | 'error', line: LogFields): void {
    if (this.#tracer === undefined) this.#logger[level](line);
    else this.#logger[level]({ ...line, stack: this.#tracer() });
  }
}
