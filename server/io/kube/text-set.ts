/** IO, Kubernetes: a set of short texts, kept as bytes outside V8's heap. Knows nothing of what they mean. */

/** Before each text: its length in bytes, in two bytes, of which one bit says that it was deleted. */
const headBytes = 2;
const deletedBit = 0x8000;

/** In the table of places; every other number is one more than where a text begins. */
const free = 0;
const deleted = 0xffffffff;

const leastPlaces = 64;
/** So that nobody can choose names that all fall on one place. */
const seed = Math.floor(Math.random() * 2 ** 32);

/**
 * A set of texts of up to 32 kB each, which take their bytes and some ten more. In a Set of V8's they take 100 to 150: it
 * keeps every key in a table of its own too, and the tables that were outgrown until the next full collection of garbage.
 */
export class TextSet {
  /** Open addressing: a text is at the place that its hash says, or at the next that is free. At most 3/4 are used. */
  #places = new Uint32Array(leastPlaces);
  #usedPlaces = 0;
  /** Texts one behind the other, in the order in which they were added. */
  #bytes = Buffer.alloc(leastPlaces * 32);
  #end = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(text: string): boolean {
    return this.#find(text) !== undefined;
  }

  /** Returns whether the text is new. @throws RangeError for one that is too long */
  add(text: string): boolean {
    if (this.has(text)) return false;
    if (this.#usedPlaces >= this.#places.length * 0.75) this.#renew();
    this.#end = this.#settle(this.#write(text));
    this.#size++;
    return true;
  }

  delete(text: string): boolean {
    const place = this.#find(text);
    if (place === undefined) return false;
    const start = this.#startAt(place);
    this.#bytes.writeUInt16LE(this.#headAt(start) | deletedBit, start);
    this.#places[place] = deleted;
    this.#size--;
    return true;
  }

  *[Symbol.iterator](): Generator<string> {
    for (let start = 0; start < this.#end; start = this.#endOf(start)) {
      if (this.#isKept(start)) yield this.#bytes.toString('utf8', start + headBytes, this.#endOf(start));
    }
  }

  /** Writes a text behind the last, where it counts for nothing until it is settled. Returns where it ends. */
  #write(text: string): number {
    // a character of a JavaScript text takes at most three bytes
    const needed = this.#end + headBytes + text.length * 3;
    if (needed > this.#bytes.length) this.#bytes = Buffer.from(this.#bytes.buffer.transfer(Math.ceil(needed * 1.5)));
    const length = this.#bytes.write(text, this.#end + headBytes);
    if (length >= deletedBit)
      throw new RangeError(`a text of ${length} bytes: more than ${deletedBit - 1} are not kept`);
    this.#bytes.writeUInt16LE(length, this.#end);
    return this.#end + headBytes + length;
  }

  #find(text: string): number | undefined {
    const end = this.#write(text);
    for (let place = this.#firstPlace(end); ; place = this.#nextPlace(place)) {
      const mark = this.#places[place];
      if (mark === free) return undefined;
      if (mark !== deleted && this.#isSame(this.#startAt(place), end)) return place;
    }
  }

  /** Enters the text that was written last, and returns where it ends. */
  #settle(end: number): number {
    let place = this.#firstPlace(end);
    while (this.#places[place] !== free) place = this.#nextPlace(place);
    this.#places[place] = this.#end + 1;
    this.#usedPlaces++;
    return end;
  }

  /** Makes the table anew, twice as large as its texts need, and closes the gaps that were left by deletions. */
  #renew(): void {
    const end = this.#end;
    this.#places = new Uint32Array(Math.max(leastPlaces, 2 ** Math.ceil(Math.log2(this.#size * 2 + 1))));
    this.#usedPlaces = 0;
    this.#end = 0;
    for (let start = 0, next = 0; start < end; start = next) {
      next = this.#endOf(start);
      if (!this.#isKept(start)) continue;
      this.#bytes.copyWithin(this.#end, start, next);
      this.#end = this.#settle(this.#end + next - start);
    }
  }

  /** Returns the place where the text that was written last belongs: FNV-1a. */
  #firstPlace(end: number): number {
    const bytes = this.#bytes;
    let hash = seed;
    for (let at = this.#end; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    return (hash ^ (hash >>> 15)) & (this.#places.length - 1);
  }

  #nextPlace(place: number): number {
    return (place + 1) & (this.#places.length - 1);
  }

  #startAt(place: number): number {
    return (this.#places[place] ?? free) - 1;
  }

  #headAt(start: number): number {
    return this.#bytes.readUInt16LE(start);
  }

  #endOf(start: number): number {
    return start + headBytes + (this.#headAt(start) & ~deletedBit);
  }

  #isKept(start: number): boolean {
    return (this.#headAt(start) & deletedBit) === 0;
  }

  /** Says whether the text at `start` is the one that was written last. */
  #isSame(start: number, end: number): boolean {
    const bytes = this.#bytes;
    const offset = this.#end - start;
    for (let at = this.#end; at < end; at++) {
      if (bytes[at] !== bytes[at - offset]) return false;
    }
    return true;
  }
}
