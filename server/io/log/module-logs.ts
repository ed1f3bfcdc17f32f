/** IO, log: turns calls of the port into lines of JSON, one log for each source file. Knows nothing of outlets. */
import type { Severity } from '../../../contract/flag-types.ts';
import type { Config } from '../../../contract/flags.ts';
import type { Clock, Log, LogFields } from '../../ports.ts';
import { createTracer, type Tracer } from './backtrace.ts';
import { verbosityByModule } from './verbosity.ts';

/** The flags that say what lines hold and which verbose ones are written. */
export type ModuleLogConfig = Pick<Config, 'addDirHeader' | 'logBacktraceAt' | 'skipHeaders' | 'v' | 'vmodule'>;

/** Takes a line, with its newline, for the outlets of its severity. */
export type WriteLine = (severity: Severity, line: string) => void;

/** Returns the function that gives the log of a module, always the same one for the same module. */
export function createModuleLogs(config: ModuleLogConfig, clock: Clock, write: WriteLine): (module: string) => Log {
  const logs = new Map<string, Log>();
  const verbosityOf = verbosityByModule(config);
  const tracer = createTracer(config.logBacktraceAt);
  const logOf = (module: string): Log => {
    const known = logs.get(module);
    if (known) return known;
    const caller = `","caller":${JSON.stringify(callerOf(module, config.addDirHeader))},`;
    const header = (level: Level) => `{"level":"${level}","ts":"${writeTime(clock.nowMs())}${caller}`;
    const head = config.skipHeaders ? () => '{' : header;
    const log = new ModuleLog({ head, write, verbosity: verbosityOf(module), tracer, logOf });
    logs.set(module, log);
    return log;
  };
  return logOf;
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

const severities = { info: 0, warning: 1, error: 2 } as const satisfies Readonly<Record<string, Severity>>;

type Level = keyof typeof severities;

interface ModuleLogParts {
  /** Returns how a line begins, up to its message. */
  readonly head: (level: Level) => string;
  readonly write: WriteLine;
  readonly verbosity: number;
  readonly tracer: Tracer | undefined;
  readonly logOf: (module: string) => Log;
}

class ModuleLog implements Log {
  readonly #parts: ModuleLogParts;

  constructor(parts: ModuleLogParts) {
    this.#parts = parts;
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }

  warning(message: string, fields?: LogFields): void {
    this.#write('warning', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  isOn(level: number): boolean {
    return level <= this.#parts.verbosity;
  }

  verbose(level: number, message: string, fields?: LogFields): void {
    if (level <= this.#parts.verbosity) this.#write('info', message, { v: level, ...fields });
  }

  for(module: string): Log {
    return this.#parts.logOf(module);
  }

  /** Is called by the public methods only and calls the tracer itself: the tracer counts the frames between. */
  #write(level: Level, message: string, fields: LogFields = {}): void {
    const { head, write, tracer } = this.#parts;
    const rest = encode(tracer === undefined ? fields : { ...fields, stack: tracer() });
    const end = rest === '{}' ? '}' : `,${rest.slice(1)}`;
    write(severities[level], `${head(level)}"msg":${JSON.stringify(message)}${end}\n`);
  }
}

/** A field that has no form in JSON, against its type, must not end a request. */
function encode(fields: LogFields): string {
  try {
    return JSON.stringify(fields);
  } catch {
    return JSON.stringify({ fields: 'not JSON' });
  }
}
