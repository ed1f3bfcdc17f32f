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

interface Unfinished {
  readonly giveUp: () => void;
  bytes: number;
}

/**
 * Returns a budget of so many bytes. Whoever sends in good faith sends at once, so the body that began first is the one
 * to give up: to refuse the newest would let those who never finish keep all others out.
 */
export function createBodyBudget(limitBytes: number): BodyBudget {
  const unfinished = new Set<Unfinished>();
  let totalBytes = 0;
  const end = (body: Unfinished): void => {
    if (unfinished.delete(body)) totalBytes -= body.bytes;
  };
  return {
    limitBytes,
    begin: (giveUp) => {
      const body: Unfinished = { giveUp, bytes: 0 };
      unfinished.add(body);
      return {
        take: (bytes) => {
          if (!unfinished.has(body)) return;
          body.bytes += bytes;
          totalBytes += bytes;
          for (const oldest of unfinished) {
            if (totalBytes <= limitBytes) return;
            end(oldest);
            oldest.giveUp();
          }
        },
        end: () => end(body),
      };
    },
  };
}
