/** IO: follows the file that names who gets container credentials, and adds that to what is known of accounts. Never writes it. */
import { decodeCredentialsFile } from '../core/container-credentials.ts';
import type { IdentityFacts, ServiceAccountRef } from '../core/types.ts';
import type { Clock, Log, Metrics, Readiness } from '../ports.ts';
import { createFaultReport, type FollowedFault } from './fault-report.ts';
import { type FileRead, followFiles } from './followed-file.ts';
import type { IdentitySupplement } from './supplemented-source.ts';

/** What following the file needs. */
export interface CredentialsFileOptions {
  /** `--watch-container-credentials-config`. */
  readonly path: string;
  /** How often it is read again although nothing seems to have changed, in milliseconds. */
  readonly resyncMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Who rewrites a file in place leaves it empty for a moment: so long must it stay so to be believed. */
const emptyMs = 2000;

/**
 * Keeps what the file said last while it is missing or broken; before it was good for the first time, what is good in it
 * counts. That it is missing at the start makes nothing unready: those who are not named in it are served all the same.
 */
export class CredentialsFile implements IdentitySupplement {
  readonly #options: CredentialsFileOptions;
  readonly #report: ReturnType<typeof createFaultReport>;
  #accounts: ReadonlyMap<string, ServiceAccountRef> = new Map();
  #wasGood = false;
  #endFollow = () => {};
  #endDoubt = () => {};

  constructor(options: CredentialsFileOptions) {
    this.#options = options;
    this.#report = createFaultReport({ ...options, message: 'the container credentials file is not used as it is' });
  }

  /** The file is read before `start` returns. */
  readonly readiness: Readiness = () => undefined;

  add(facts: IdentityFacts, { namespace, name }: ServiceAccountRef): IdentityFacts {
    return this.#accounts.has(`${namespace}/${name}`) ? { ...facts, hasContainerCredentials: true } : facts;
  }

  accounts(): Iterable<ServiceAccountRef> {
    return this.#accounts.values();
  }

  start(): void {
    const { path, resyncMs, clock } = this.#options;
    this.#endFollow = followFiles({ paths: [path], resyncMs, clock }, (files) => {
      const read = files.get(path);
      if (read) this.#takeIn(read);
    });
  }

  stop(): void {
    this.#endFollow();
    this.#endDoubt();
  }

  clear(): void {
    this.stop();
    this.#accounts = new Map();
    this.#wasGood = false;
    this.start();
  }

  #takeIn(read: FileRead): void {
    this.#endDoubt();
    if ('failure' in read) {
      const wayOut = 'put it there, readable for this user, or name another file';
      this.#tell([{ code: 'credentials-file-unreadable', message: `cannot be read: ${read.failure}; ${wayOut}` }]);
      return;
    }
    const isDoubtful = read.text.trim() === '' && this.#accounts.size > 0;
    if (isDoubtful) this.#endDoubt = this.#options.clock.after(emptyMs, () => this.#use(read.text));
    else this.#use(read.text);
  }

  #use(text: string): void {
    const { accounts, faults } = decodeCredentialsFile(text);
    this.#tell(faults);
    if (faults.length > 0 && this.#wasGood) return;
    this.#wasGood = faults.length === 0;
    this.#accounts = new Map(accounts.map((account) => [`${account.namespace}/${account.name}`, account]));
    this.#options.log.info('took in the container credentials file', {
      path: this.#options.path,
      serviceAccounts: this.#accounts.size,
    });
  }

  #tell(faults: readonly FollowedFault[]): void {
    const file = `--watch-container-credentials-config ${this.#options.path}`;
    this.#report(faults.map(({ code, message }) => ({ code, message: `${file}: ${message}` })));
  }
}
