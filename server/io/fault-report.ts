/** IO: tells of the faults in what is followed, once each while they last. Judges nothing. */
import type { SurvivedFaultCode } from '../core/survived-faults.ts';
import type { Log, Metrics } from '../ports.ts';

/** Something in what is followed that is not used; the message names it, what is wrong, and the way out. */
export interface FollowedFault {
  readonly code: SurvivedFaultCode;
  readonly message: string;
}

/** What a report needs: where it tells, and the words that come before the reason. */
export interface FaultReportOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly message: string;
}

/** Returns a function that takes all faults that there are now, and logs and counts those that were not there before. */
export function createFaultReport({ log, metrics, message }: FaultReportOptions) {
  let before: ReadonlySet<string> = new Set();
  return (faults: readonly FollowedFault[]): void => {
    const known = before;
    before = new Set(faults.map((fault) => fault.message));
    for (const fault of faults.filter((one) => !known.has(one.message))) {
      log.warning(message, { code: fault.code, reason: fault.message });
      metrics.survived(fault.code);
    }
  };
}
