/** IO: the process's log: one JSON line per call, with the fields of Kubernetes' JSON logs, where klog's flags send it. */
import type { Config } from '../../contract/flags.ts';
import type { Log } from '../ports.ts';
import { createModuleLogs, type ModuleLogConfig } from './log/module-logs.ts';
import { type OutletConfig, planOutlets } from './log/outlets.ts';
import { createRouter, fileHeader, type LogFault, type LogOptions, openFiles } from './log/sinks.ts';

/** The flags of the log. */
export type LogConfig = OutletConfig & ModuleLogConfig & Pick<Config, 'skipLogHeaders'>;

/** The log of the whole process. */
export interface ProcessLog {
  /** The log of main.ts; the other files' logs come from its `for`. */
  readonly log: Log;
  /** Writes what waits before it returns. Call it last: at the process's `exit` event, which fatal errors reach too. */
  flushSync(): void;
}

/** Returns the log that the flags ask for, or the fault that a file of theirs cannot be written. */
export function createLog(config: LogConfig, options: LogOptions): ProcessLog | LogFault {
  const outlets = planOutlets(config);
  const files = openFiles(outlets, () => (config.skipLogHeaders ? '' : fileHeader(options)));
  if ('code' in files) return files;
  const { write, flushSync } = createRouter(outlets, files, options);
  return { log: createModuleLogs(config, options.clock, write)('main'), flushSync };
}
