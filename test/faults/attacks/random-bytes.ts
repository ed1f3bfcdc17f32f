/** Attacks: bytes that look random and are the same in every run. */

/** Returns a function that makes so many bytes; one seed makes the same ones. Xorshift, 32 bits. */
export function randomBytes(seed: number): (count: number) => Buffer {
  let state = seed;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  };
  return (count) => Buffer.from(Array.from({ length: count }, next));
}
