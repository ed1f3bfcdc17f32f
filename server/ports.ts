/** The interfaces between the pipeline and the world. Interfaces only; server/io implements them, tests fake them. */
import type { SurvivedFaultCode } from './core/survived-faults.ts';
import type { IdentityFacts, ServiceAccountRef } from './core/types.ts';

/** Time, so that tests can make it pass. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Milliseconds since some fixed moment; never steps back. */
  monotonicMs(): number;
  /** Calls `wake` once after so many milliseconds, unless the returned function is called first. Never keeps the process alive. */
  after(delayMs: number, wake: () => void): () => void;
}

/** Returns a number from 0 up to, not including, 1. */
export type Random = () => number;

/** Named fields of a log line. Never a pod's body, an env value or a token. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** The log of one source file: one line per call, with named fields. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Says whether lines of this verbosity are written; ask before building costly fields. */
  isOn(level: number): boolean;
  /** Writes an info line if lines of this verbosity are written. */
  verbose(level: number, message: string, fields?: LogFields): void;
  /** Returns the log for another source file, by its path below server/ without ending: `io/kube/reflector`. */
  for(module: string): Log;
}

/** Says why something is not ready, or undefined when it is. */
export type Readiness = () => string | undefined;

/** Is called when a whole state is known where none was: at the start, and again after a `clear` that leaves none. */
export type OnState = () => void;

/** Who has which identity. */
export interface IdentitySource {
  /**
   * Returns what is known of the service account: at once from the cache, or a promise that settles by the deadline.
   * Never throws or rejects: that it could not be found out is an outcome.
   * @param deadlineMs on the clock's monotonic scale
   */
  lookup(account: ServiceAccountRef, deadlineMs: number): IdentityFacts | Promise<IdentityFacts>;
  /** Undefined once the first full state is known; stays so. */
  readonly readiness: Readiness;
  /** Begins to follow the source. */
  start(): void;
  /** Ends at once, whatever it waits for. */
  stop(): void;
  /** What is cached, for /debug/alpha/cache. */
  snapshot(): ReadonlyMap<string, IdentityFacts>;
  /** Forgets what is cached and follows anew. */
  clear(): void;
}

/** A certificate chain and its key, in PEM. */
export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly notAfterMs: number;
}

/** Where the serving certificate comes from. */
export interface CertificateSource {
  /** The last good pair; undefined before there is one. */
  current(): ServingCertificate | undefined;
  /** Undefined when a certificate is there and may be served. */
  readonly readiness: Readiness;
  /** Calls `use` with the first pair and with every new one, then goes on; resolves once the first attempt is over. */
  start(use: (certificate: ServingCertificate) => void): Promise<void>;
  stop(): void;
}

/** How a review ended. */
export interface Decision {
  readonly outcome: 'mutated' | 'unchanged' | 'refused' | 'failed';
  /** A code of the reasons or the request faults in core/faults. */
  readonly reason: string;
  /** `web-identity`, `container-credentials`, or `none`. */
  readonly method: string;
}

/** What is counted. Labels are bounded: no names of pods or accounts. */
export interface Metrics {
  decided(decision: Decision): void;
  /** One request answered, with its time from the first byte read. */
  requested(route: string, status: number, seconds: number): void;
  /** An account was not in the cache; `outcome` says how the wait ended. */
  looked(outcome: string, seconds: number): void;
  /** Events of the watch: `list`, `watch`, `event`, `bookmark`, `relist`, `error` with a reason. */
  watched(resource: string, what: string): void;
  /** Objects in the cache, and the clock time of the last word from the API server. */
  cached(resource: string, objects: number, heardMs: number): void;
  /** The serving certificate's end, milliseconds since 1970. */
  certificate(notAfterMs: number): void;
  /** A fault that was survived, by its code. */
  survived(code: SurvivedFaultCode): void;
}

/** What is counted, as Prometheus reads it. */
export interface Exposition {
  readonly contentType: string;
  render(): Promise<string>;
}

/** Why there is no body. */
export type NoBody = 'too-large' | 'incomplete' | 'given-up';

/** Who takes a body. */
export interface BodyTaker {
  readonly limitBytes: number;
  /** Is told of each piece: how long it is. */
  readonly took: (bytes: number) => void;
  /** Is called once: with the whole body, or with why there is none. */
  readonly settle: (body: Buffer | NoBody) => void;
}

/** A request that has a body, perhaps. */
export interface BodySource {
  /** Hands the body over. To be called in the turn that brought the request, before anything has been read of it. */
  collect(taker: BodyTaker): void;
  /** Reads no more of a body that is still coming, and keeps nothing of it. */
  giveUp(): void;
}
