/** IO, log: which lines go to standard error and which to what files, by klog's flags. Pure; opens nothing. */
import { join } from 'node:path';
import type { Config } from '../../../contract/flags.ts';

/** The flags that say where lines go. */
export type OutletConfig = Pick<
  Config,
  | 'alsologtostderr'
  | 'alsologtostderrthreshold'
  | 'legacyStderrThresholdBehavior'
  | 'logDir'
  | 'logFile'
  | 'logFileMaxSize'
  | 'logtostderr'
  | 'oneOutput'
  | 'stderrthreshold'
>;

/** A file that lines go to. */
export interface FileOutlet {
  /** The flag that asked for it, for faults. */
  readonly flag: string;
  readonly path: string;
  /** The least severity whose lines it gets. */
  readonly from: number;
  /** The greatest severity whose lines it gets. */
  readonly to: number;
  /** The size at which it is begun anew. */
  readonly limitBytes: number;
}

/** Where lines go. */
export interface Outlets {
  /** The least severity that goes to standard error. Above 2 nothing does. */
  readonly stderrFrom: number;
  readonly files: readonly FileOutlet[];
}

const megabyte = 1024 * 1024;
/** klog's own limit for files in log_dir, which have no flag for it. */
const dirLimitBytes = 1800 * megabyte;
const severityNames = ['INFO', 'WARNING', 'ERROR'];

/** Returns where lines of each severity go. Without files it is always standard error. */
export function planOutlets(config: OutletConfig): Outlets {
  const files = config.logtostderr ? [] : planFiles(config);
  return { stderrFrom: stderrFrom(config, files.length > 0), files };
}

function planFiles(config: OutletConfig): readonly FileOutlet[] {
  if (config.logFile) {
    const limitBytes = config.logFileMaxSize > 0 ? config.logFileMaxSize * megabyte : Number.POSITIVE_INFINITY;
    return [{ flag: 'log_file', path: config.logFile, from: 0, to: 2, limitBytes }];
  }
  if (!config.logDir) return [];
  return severityNames.map((name, severity) => ({
    flag: 'log_dir',
    path: join(config.logDir, `pod-identity-webhook.${name}.log`),
    from: severity,
    to: config.oneOutput ? severity : 2,
    limitBytes: dirLimitBytes,
  }));
}

function stderrFrom(config: OutletConfig, hasFiles: boolean): number {
  if (config.logtostderr) return config.legacyStderrThresholdBehavior ? 0 : config.stderrthreshold;
  if (!hasFiles) return 0;
  if (!config.alsologtostderr) return config.stderrthreshold;
  return Math.min(config.alsologtostderrthreshold, config.stderrthreshold);
}
