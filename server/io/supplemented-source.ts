/** IO: a source of identities together with something that knows more of its accounts. Decides no precedence: core does. */
import type { IdentityFacts, ServiceAccountRef } from '../core/types.ts';
import type { IdentitySource, Readiness } from '../ports.ts';

/** Something that knows more of service accounts than the source of accounts does. */
export interface IdentitySupplement {
  /**
   * Returns the facts with what it knows of the account, the very same facts where that is nothing. Until it has a first
   * state that is a promise, which settles by the deadline. Never throws or rejects.
   * @param deadlineMs on the clock's monotonic scale
   */
  add(facts: IdentityFacts, ref: ServiceAccountRef, deadlineMs: number): IdentityFacts | Promise<IdentityFacts>;
  /** Undefined once the first state is known; stays so. */
  readonly readiness: Readiness;
  /** The accounts that it names one by one. */
  accounts(): Iterable<ServiceAccountRef>;
  start(): void;
  /** Ends at once, whatever it waits for. */
  stop(): void;
  /** Forgets what is cached and follows anew. */
  clear(): void;
}

/** Asks the source, then the supplement: a service account that the source does not know may still have an identity. */
class SupplementedSource implements IdentitySource {
  readonly #source: IdentitySource;
  readonly #supplement: IdentitySupplement;

  constructor(source: IdentitySource, supplement: IdentitySupplement) {
    this.#source = source;
    this.#supplement = supplement;
  }

  lookup(ref: ServiceAccountRef, deadlineMs: number): IdentityFacts | Promise<IdentityFacts> {
    const facts = this.#source.lookup(ref, deadlineMs);
    if (!(facts instanceof Promise)) return this.#supplement.add(facts, ref, deadlineMs);
    return facts.then((found) => this.#supplement.add(found, ref, deadlineMs));
  }

  readonly readiness: Readiness = () => this.#source.readiness() ?? this.#supplement.readiness();

  start(): void {
    this.#source.start();
    this.#supplement.start();
  }

  stop(): void {
    this.#source.stop();
    this.#supplement.stop();
  }

  snapshot(): ReadonlyMap<string, IdentityFacts> {
    const all = new Map(this.#source.snapshot());
    for (const { namespace, name } of this.#supplement.accounts()) {
      const key = `${namespace}/${name}`;
      if (!all.has(key)) all.set(key, unknownAccount);
    }
    for (const [key, facts] of all) {
      const [namespace = '', name = ''] = key.split('/');
      const more = this.#supplement.add(facts, { namespace, name }, 0);
      if (!(more instanceof Promise)) all.set(key, more);
    }
    return all;
  }

  clear(): void {
    this.#source.clear();
    this.#supplement.clear();
  }
}

const unknownAccount: IdentityFacts = Object.freeze({ outcome: 'missing', annotations: Object.freeze({}) });

/** Returns the source with what the supplement adds; starts neither. */
export function supplementSource(source: IdentitySource, supplement: IdentitySupplement): IdentitySource {
  return new SupplementedSource(source, supplement);
}
