/** IO, Kubernetes: the facts of many accounts, of which most have the same. Knows no rules. */
import type { IdentityFacts, ServiceAccountRef } from '../../core/types.ts';
import { TextSet } from './text-set.ts';

/** The facts of every account that has no annotation of ours: four of five of them, so they share one object. */
export const plainFacts: IdentityFacts = Object.freeze({ outcome: 'cached', annotations: Object.freeze({}) });

/** Returns the key of an account. */
export function keyOf({ namespace, name }: ServiceAccountRef): string {
  return `${namespace}/${name}`;
}

/**
 * Facts by the key of their account; of those that have the plain facts only the key is kept. A Map is asked only for keys
 * that are known: V8 enters every text that a Map is asked for into a table that grows until the next full collection.
 */
export class AccountMap {
  readonly #keys = new TextSet();
  readonly #notPlain = new Map<string, IdentityFacts>();

  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  get(key: string): IdentityFacts | undefined {
    return this.has(key) ? (this.#notPlain.get(key) ?? plainFacts) : undefined;
  }

  set(key: string, facts: IdentityFacts): void {
    const isNew = this.#keys.add(key);
    if (facts !== plainFacts) this.#notPlain.set(key, facts);
    else if (!isNew) this.#notPlain.delete(key);
  }

  delete(key: string): void {
    if (this.#keys.delete(key)) this.#notPlain.delete(key);
  }

  *[Symbol.iterator](): Generator<[string, IdentityFacts]> {
    for (const key of this.#keys) yield [key, this.#notPlain.get(key) ?? plainFacts];
  }
}
