/** Fuzz: pseudo-random choices that come out the same for the same seed. Keeps nothing but 32 bits of state. */

/** Makes choices. Not for secrets. */
export class Dice {
  #state: number;

  /** Two numbers, so that the choices for each review follow from the run's seed and the review's number alone. */
  constructor(seed: number, number: number) {
    this.#state = Math.imul(seed + 1, 0x9e37_79b1) ^ Math.imul(number + 1, 0x85eb_ca6b);
  }

  /** Returns a number from 0 up to, not including, 1. */
  fraction(): number {
    // an additive step, whose bits are then mixed by multiplications (Mulberry32)
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns a whole number from 0 up to, not including, the limit. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** Returns a whole number of the range, both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(share: number): boolean {
    return this.fraction() < share;
  }

  /** @throws for an empty list */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[this.below(list.length)] as T;
  }

  /** Returns one of the rows, each as likely as its weight says. */
  pickWeighted<T extends { readonly weight: number }>(rows: readonly T[]): T {
    let left = this.fraction() * rows.reduce((sum, { weight }) => sum + weight, 0);
    for (const row of rows) {
      left -= row.weight;
      if (left < 0) return row;
    }
    return this.pick(rows);
  }
}
