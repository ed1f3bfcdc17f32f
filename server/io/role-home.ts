/** IO: adds to accounts whose role is only a path and a name where such roles are. Composes nothing: core does. */
import { isPartOfArn, type RoleHome, roleArnPrefix, writtenRole } from '../core/role-arn.ts';
import type { IdentityFacts, ServiceAccountRef } from '../core/types.ts';
import type { Clock, Log, Metrics, Random, Readiness } from '../ports.ts';
import { createFaultReport } from './fault-report.ts';
import { FirstState } from './first-state.ts';
import type { InstanceIdentity } from './instance-identity.ts';
import { backoffMs } from './kube/backoff.ts';
import type { IdentitySupplement } from './supplemented-source.ts';

/** What it is made with. */
export interface RoleHomeOptions {
  /** By flags; without an account id the instance is asked for it and for the partition. */
  readonly home: RoleHome;
  /** The annotation that gives a role, as `eks.amazonaws.com/role-arn`. */
  readonly roleAnnotation: string;
  /** Asks the instance once. Never rejects. */
  readonly readInstance: (signal: AbortSignal) => Promise<InstanceIdentity | { readonly failure: string }>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Asks the instance until it has answered once: neither account nor partition of a machine ever change. */
export class RoleHomeSource implements IdentitySupplement {
  readonly #options: RoleHomeOptions;
  readonly #report: ReturnType<typeof createFaultReport>;
  readonly #first: FirstState;
  #prefix: string | undefined;
  #failure: string | undefined;
  #over = new AbortController();
  #callOff = () => {};

  constructor(options: RoleHomeOptions) {
    this.#options = options;
    this.#first = new FirstState(options.clock);
    this.#report = createFaultReport({ ...options, message: 'role ARNs cannot be composed yet' });
    if (options.home.accountId !== '') this.#settle(options.home);
  }

  readonly readiness: Readiness = () => {
    if (this.#first.isKnown) return undefined;
    return this.#failure ?? 'instance metadata: the AWS account is not known yet';
  };

  add(facts: IdentityFacts, _: ServiceAccountRef, deadlineMs: number): IdentityFacts | Promise<IdentityFacts> {
    const role = writtenRole(facts, this.#options.roleAnnotation);
    if (role === undefined || !isPartOfArn(role)) return facts;
    return this.#first.isKnown ? this.#addKnown(facts) : this.#first.wait(deadlineMs).then(() => this.#addKnown(facts));
  }

  accounts(): Iterable<ServiceAccountRef> {
    return [];
  }

  start(): void {
    this.#over = new AbortController();
    if (!this.#first.isKnown) void this.#ask(1);
  }

  stop(): void {
    this.#over.abort();
    this.#callOff();
    this.#first.release();
  }

  /** Nothing to forget: it does not change. */
  clear(): void {}

  #addKnown(facts: IdentityFacts): IdentityFacts {
    return this.#prefix === undefined
      ? { ...facts, outcome: 'unavailable' }
      : { ...facts, roleArnPrefix: this.#prefix };
  }

  async #ask(attempt: number): Promise<void> {
    const { signal } = this.#over;
    const { home, readInstance, clock, random } = this.#options;
    const answer = await readInstance(signal);
    if (signal.aborted) return;
    if (!('failure' in answer)) return this.#settle({ ...answer, path: home.path });
    this.#failure = `instance metadata: ${answer.failure}; let pods reach it (hop limit 2, version 2), or give --role-arn-account-id`;
    this.#report([{ code: 'instance-metadata-unavailable', message: this.#failure }]);
    this.#callOff = clock.after(backoffMs(attempt, random), () => void this.#ask(attempt + 1));
  }

  #settle(home: RoleHome): void {
    this.#prefix = roleArnPrefix(home);
    this.#options.log.info('composing role ARNs', { prefix: this.#prefix });
    this.#first.reach();
  }
}
