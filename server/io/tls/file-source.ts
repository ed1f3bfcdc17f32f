/** IO: the serving certificate from files that others write, followed for changes. Never writes them. */
import type { CertificateSource, Clock, Log, Metrics, ServingCertificate } from '../../ports.ts';
import { type FilesRead, followFiles } from '../followed-file.ts';
import { messageOf } from '../system-error.ts';
import { checkPair, type PairFault } from './pair.ts';

/** What the source needs: the two files and the ports. */
export interface FileCertificateOptions {
  /** `--tls-cert`. */
  readonly certPath: string;
  /** `--tls-key`. */
  readonly keyPath: string;
  /** How often a pair that is at fault is judged again, and unchanged files are read again, in milliseconds. */
  readonly resyncMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Serves the pair in the files. A pair that is missing, torn or out of its time is reported and waited out: the last good
 * one stays, and without one the source is not ready.
 */
export class FileCertificateSource implements CertificateSource {
  readonly #options: FileCertificateOptions;
  #current: ServingCertificate | undefined;
  #fault: Fault | undefined;
  #endFollow = () => {};
  #endRetry = () => {};

  constructor(options: FileCertificateOptions) {
    this.#options = options;
  }

  current(): ServingCertificate | undefined {
    return this.#current;
  }

  readonly readiness = (): string | undefined => {
    if (this.#current === undefined) return this.#fault?.message ?? 'the certificate files have not been read yet';
    const endMs = this.#current.notAfterMs;
    if (this.#options.clock.nowMs() < endMs) return undefined;
    return (
      this.#fault?.message ?? `--tls-cert expired at ${new Date(endMs).toISOString()}; replace certificate and key`
    );
  };

  /** Resolves in any case: a pair at fault, or a `use` that throws, is waited out. */
  async start(use: (certificate: ServingCertificate) => void): Promise<void> {
    const { certPath, keyPath, resyncMs, clock } = this.#options;
    this.#endFollow = followFiles({ paths: [certPath, keyPath], resyncMs, clock }, (files) => this.#judge(files, use));
  }

  stop(): void {
    this.#endFollow();
    this.#endRetry();
  }

  /** Time alone can mend a pair (its validity begins, the clock is set), so one at fault is judged again later. */
  #judge(files: FilesRead, use: (certificate: ServingCertificate) => void): void {
    const { certPath, keyPath, resyncMs, clock } = this.#options;
    this.#endRetry();
    const cert = { name: `--tls-cert ${certPath}`, read: files.get(certPath) ?? unread };
    const key = { name: `--tls-key ${keyPath}`, read: files.get(keyPath) ?? unread };
    const pair = checkPair(cert, key, clock.nowMs());
    const fault = 'code' in pair ? pair : this.#tryUse(pair, use);
    if (fault !== undefined) this.#endRetry = clock.after(resyncMs, () => this.#judge(files, use));
    this.#report(fault);
  }

  #tryUse(pair: ServingCertificate, use: (certificate: ServingCertificate) => void): Fault | undefined {
    if (this.#current?.cert === pair.cert && this.#current.key === pair.key) return undefined;
    try {
      use(pair);
    } catch (error) {
      return { code: 'certificate-not-used', message: messageOf(error) };
    }
    this.#current = pair;
    const until = new Date(pair.notAfterMs).toISOString();
    this.#options.log.info('serving the certificate in the files', { certificate: this.#options.certPath, until });
    return undefined;
  }

  #report(fault: Fault | undefined): void {
    const before = this.#fault;
    this.#fault = fault;
    if (fault === undefined || fault.message === before?.message) return;
    this.#options.metrics.survived(fault.code);
    const message = this.#current ? 'keeping the last good certificate' : 'no certificate to serve yet';
    this.#options.log.error(message, { code: fault.code, reason: fault.message });
  }
}

interface Fault {
  readonly code: PairFault['code'] | 'certificate-not-used';
  readonly message: string;
}

const unread = { failure: 'not read yet' } as const;
