/** IO, Kubernetes: a set of short texts, kept as bytes outside V8's heap. Knows nothing of what they mean. */

/** Before each text: its hash in four bytes, then its length in two, of which one bit says that it was deleted. */
const headBytes = 6;
const lengthAt = 4;
const deletedBit = 0x8000;

/** In the table of places; every other number is one more than where a text begins. */
const free = 0;
const deleted = 0xffffffff;

const leastPlaces = 64;
/** So that nobody can choose names that all fall on one place. */
const seed = Math.floor(Math.random() * 2 ** 32);

/**
 * A set of texts of up to 32 kB each, which take their bytes and some fifteen more. In a Set of V8's they take 100 to 150: it
 * keeps every key in a table of its own too, and the tables that were outgrown until the next full collection of garbage.
 */
export class TextSet {
  /** Open addressing: a text is at the place that its hash says, or at the next that is free. At most 3/4 are used. */
  #places = new Uint32Array(leastPlaces);
  #usedPlaces = 0;
  /** Texts one behind the other, in the order in which they were added. */
  #bytes = Buffer.alloc(leastPlaces * 32);
  /** The same bytes, for numbers: its methods are V8's own, and fast before anything is compiled. */
  #view = viewOf(this.#bytes);
  #end = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(text: string): boolean {
    return this.#mark(this.#find(this.#write(text))) !== free;
  }

  /** Returns whether the text is new. @throws RangeError for one that is too long */
  add(text: string): boolean {
    if (this.#usedPlaces >= this.#places.length * 0.75) this.#renew();
    const end = this.#write(text);
    const place = this.#find(end);
    if (this.#mark(place) !== free) return false;
    this.#settle(place, end);
    this.#size++;
    return true;
  }

  delete(text: string): boolean {
    const place = this.#find(this.#write(text));
    const mark = this.#mark(place);
    if (mark === free) return false;
    this.#view.setUint16(mark - 1 + lengthAt, this.#lengthAt(mark - 1) | deletedBit);
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
    const start = this.#end + headBytes;
    // a character of a JavaScript text takes at most three bytes
    this.#makeRoom(start + text.length * 3);
    const bytes = this.#bytes;
    const length = writeAscii(text, bytes, start) ? text.length : bytes.write(text, start);
    if (length >= deletedBit)
      throw new RangeError(`a text of ${length} bytes: more than ${deletedBit - 1} are not kept`);
    this.#view.setUint32(this.#end, hashOf(bytes, start, start + length));
    this.#view.setUint16(this.#end + lengthAt, length);
    return start + length;
  }

  #makeRoom(needed: number): void {
    if (needed <= this.#bytes.length) return;
    this.#bytes = Buffer.from(this.#bytes.buffer.transfer(Math.ceil(needed * 1.5)));
    this.#view = viewOf(this.#bytes);
  }

  /** Returns the place of the text that was written last, or the free one where it belongs. */
  #find(end: number): number {
    const places = this.#places;
    const hash = this.#view.getUint32(this.#end);
    let place = firstPlace(hash, places);
    for (let mark = places[place] ?? free; mark !== free; mark = places[place] ?? free) {
      if (mark !== deleted && this.#view.getUint32(mark - 1) === hash && this.#isSame(mark - 1, end)) break;
      place = nextPlace(place, places);
    }
    return place;
  }

  /** Enters the text that was written last. */
  #settle(place: number, end: number): void {
    this.#places[place] = this.#end + 1;
    this.#usedPlaces++;
    this.#end = end;
  }

  /** Makes the table anew, twice as large as its texts need: in one loop that V8 soon compiles. */
  #renew(): void {
    if (this.#usedPlaces > this.#size) this.#closeGaps();
    const view = this.#view;
    const places = new Uint32Array(Math.max(leastPlaces, 2 ** Math.ceil(Math.log2(this.#size * 2 + 1))));
    for (let start = 0; start < this.#end; start += headBytes + view.getUint16(start + lengthAt)) {
      let place = firstPlace(view.getUint32(start), places);
      while (places[place] !== free) place = nextPlace(place, places);
      places[place] = start + 1;
    }
    this.#places = places;
    this.#usedPlaces = this.#size;
  }

  /** Moves the texts together that deletions have left apart. */
  #closeGaps(): void {
    const end = this.#end;
    this.#end = 0;
    for (let start = 0, next = 0; start < end; start = next) {
      next = this.#endOf(start);
      if (!this.#isKept(start)) continue;
      this.#bytes.copyWithin(this.#end, start, next);
      this.#end += next - start;
    }
  }

  #mark(place: number): number {
    return this.#places[place] ?? free;
  }

  #lengthAt(start: number): number {
    return this.#view.getUint16(start + lengthAt);
  }

  #endOf(start: number): number {
    return start + headBytes + (this.#lengthAt(start) & ~deletedBit);
  }

  #isKept(start: number): boolean {
    return (this.#lengthAt(start) & deletedBit) === 0;
  }

  /** Says whether the text at `start`, which has the same hash, is the one that was written last. */
  #isSame(start: number, end: number): boolean {
    return this.#bytes.compare(this.#bytes, this.#end, end, start, this.#endOf(start)) === 0;
  }
}

function firstPlace(hash: number, places: Uint32Array): number {
  return (hash ^ (hash >>> 15)) & (places.length - 1);
}

function nextPlace(place: number, places: Uint32Array): number {
  return (place + 1) & (places.length - 1);
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Returns whether the text is all ASCII, as nearly every name is. For a short one, a call of Buffer's costs more than it does. */
function writeAscii(text: string, bytes: Buffer, start: number): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return false;
    bytes[start + at] = code;
  }
  return true;
}

/** FNV-1a. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = seed;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash >>> 0;
}
