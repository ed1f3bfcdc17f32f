/** IO: the serving certificate of a webhook outside a cluster: self-signed, kept in a folder, renewed. Tells no client. */
import { join } from 'node:path';
import type { CertificateSource, Clock, Log, Metrics, ServingCertificate } from '../../ports.ts';
import { type FileRead, readText } from '../followed-file.ts';
import { messageOf } from '../system-error.ts';
import { replaceFile } from '../written-file.ts';
import { checkPair } from './pair.ts';
import { judgeSelfSigned, makeSelfSigned, renewAtMs } from './self-signed.ts';

/** What the source needs: the folder, the lifetime and the ports. */
export interface SelfSignedSourceOptions {
  /** `--cert-dir`. */
  readonly certDir: string;
  /** `--cert-duration`, in milliseconds. */
  readonly durationMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * The bounds of the wait until the certificate is judged again. Asking at least hourly, instead of sleeping until the day,
 * copes with a suspended machine, a clock that is set, and timers that cannot wait longer than 24.8 days.
 */
const waitMs = { min: 10_000, max: 3_600_000 };

/** Keeps `tls.cert` and `tls.key` in the folder, and takes them up again after a restart. For one `start`. */
export class SelfSignedSource implements CertificateSource {
  readonly #options: SelfSignedSourceOptions;
  #current: ServingCertificate | undefined;
  #isStopped = false;
  #endTimer = () => {};

  constructor(options: SelfSignedSourceOptions) {
    this.#options = options;
  }

  current(): ServingCertificate | undefined {
    return this.#current;
  }

  readonly readiness = (): string | undefined => {
    if (this.#current === undefined) return 'the self-signed certificate has not been made yet';
    const endMs = this.#current.notAfterMs;
    if (this.#options.clock.nowMs() < endMs) return undefined;
    return `the self-signed certificate expired at ${new Date(endMs).toISOString()}; the log says why it is not renewed`;
  };

  /**
   * Takes up the kept pair or makes one.
   * @throws UnwritableFileError when a new pair cannot be kept: its message is for the user, and the program ends
   */
  async start(use: (certificate: ServingCertificate) => void): Promise<void> {
    const { certDir, log } = this.#options;
    const kept = this.#judge({ cert: readText(join(certDir, certName)), key: readText(join(certDir, keyName)) });
    if (typeof kept === 'string') {
      await this.#renew(kept, use);
    } else {
      log.info('serving the kept self-signed certificate', { folder: certDir, until: until(kept) });
      this.#serve(kept, use);
    }
    this.#wait(use);
  }

  stop(): void {
    this.#isStopped = true;
    this.#endTimer();
  }

  /** Returns the pair, or why a new one must be made. */
  #judge({ cert, key }: { readonly cert: FileRead; readonly key: FileRead }): ServingCertificate | string {
    const { certDir, clock } = this.#options;
    const named = (name: string, read: FileRead) => ({ name: join(certDir, name), read });
    const pair = checkPair(named(certName, cert), named(keyName, key), clock.nowMs());
    return 'code' in pair ? pair.message : (judgeSelfSigned(pair.cert, clock.nowMs()) ?? pair);
  }

  /** The key goes first: should the program end in between, the two do not match, and the next start makes new ones. */
  async #renew(reason: string, use: (certificate: ServingCertificate) => void): Promise<void> {
    const { certDir, durationMs, clock, log } = this.#options;
    const pair = await makeSelfSigned({ nowMs: clock.nowMs(), durationMs });
    if (this.#isStopped) return;
    replaceFile({ flag: 'cert-dir', path: join(certDir, keyName), text: pair.key });
    replaceFile({ flag: 'cert-dir', path: join(certDir, certName), text: pair.cert });
    log.info('made a self-signed certificate', { folder: certDir, until: until(pair), reason });
    this.#serve(pair, use);
  }

  #serve(pair: ServingCertificate, use: (certificate: ServingCertificate) => void): void {
    use(pair);
    this.#current = pair;
  }

  #wait(use: (certificate: ServingCertificate) => void): void {
    if (this.#isStopped || this.#current === undefined) return;
    const { clock } = this.#options;
    const dueMs = renewAtMs(this.#current.cert) - clock.nowMs();
    const delayMs = Math.min(Math.max(dueMs, waitMs.min), waitMs.max);
    this.#endTimer = clock.after(delayMs, () => void this.#look(use));
  }

  async #look(use: (certificate: ServingCertificate) => void): Promise<void> {
    const { log, metrics } = this.#options;
    const now = this.#current && this.#judge({ cert: { text: this.#current.cert }, key: { text: this.#current.key } });
    try {
      if (typeof now === 'string') await this.#renew(now, use);
    } catch (error) {
      metrics.survived('certificate-not-renewed');
      const fields = { code: 'certificate-not-renewed', reason: messageOf(error) };
      log.error('keeping the old self-signed certificate, trying again', fields);
    }
    this.#wait(use);
  }
}

const certName = 'tls.cert';
const keyName = 'tls.key';

function until(pair: ServingCertificate): string {
  return new Date(pair.notAfterMs).toISOString();
}
