/** HTTP: bounds what the bodies that are still coming take together. Reads none of them. */

/** What one body takes. */
export interface BodyShare {
  /** Takes so many bytes more, for which others, or this one, may be given up. */
  take(bytes: number): void;
  /** Gives all of it back. Does nothing the second time. */
  end(): void;
}

/** What all bodies take. */
export interface BodyBudget {
  readonly limitBytes: number;
  /**
   * Begins a body.
   * @param giveUp called at most once, when there are too many bytes and no unfinished body began before this one
   */
  begin(giveUp: () => void): BodyShare;
}

/**
 * A body that is unfinished, in a ring of them in the order in which they began. No Set, since each review comes and goes: a Set
 * changes its table with nearly every one, and each table leads to the next. Once one is in the old generation, all that follow
 * stay until that is collected: 250 KB a second at 2,000 reviews a second.
 */
class Unfinished {
  readonly giveUp: () => void;
  bytes = 0;
  #older: Unfinished = this;
  /** Of the ring's beginning, the oldest body. */
  newer: Unfinished = this;

  constructor(giveUp: () => void) {
    this.giveUp = giveUp;
  }

  get hasEnded(): boolean {
    return this.newer === this;
  }

  /** Enters a ring as its newest. */
  enter(ring: Unfinished): void {
    this.#older = ring.#older;
    this.newer = ring;
    ring.#older.newer = this;
    ring.#older = this;
  }

  /** Leads to no other from now on: as garbage of the old generation it would keep all younger ones. */
  leave(): void {
    this.#older.newer = this.newer;
    this.newer.#older = this.#older;
    this.#older = this;
    this.newer = this;
  }
}

/**
 * Returns a budget of so many bytes. Whoever sends in good faith sends at once, so the body that began first is the one
 * to give up: to refuse the newest would let those who never finish keep all others out.
 */
export function createBodyBudget(limitBytes: number): BodyBudget {
  // no body: stands before the oldest and behind the newest
  const ring = new Unfinished(() => {});
  let totalBytes = 0;
  const end = (body: Unfinished): void => {
    if (body.hasEnded) return;
    totalBytes -= body.bytes;
    body.leave();
  };
  return {
    limitBytes,
    begin: (giveUp) => {
      const body = new Unfinished(giveUp);
      body.enter(ring);
      return {
        take: (bytes) => {
          if (body.hasEnded) return;
          body.bytes += bytes;
          totalBytes += bytes;
          for (let oldest = ring.newer; totalBytes > limitBytes && oldest !== ring; oldest = ring.newer) {
            end(oldest);
            oldest.giveUp();
          }
        },
        end: () => end(body),
      };
    },
  };
}
