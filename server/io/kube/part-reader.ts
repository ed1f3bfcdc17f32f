/** IO, Kubernetes: reads some fields of a JSON text and walks over the rest, of which no objects are made. Knows no resource. */

/** The fields to read: `true` as a whole, else those of the object that is there. */
export interface Shape {
  readonly [field: string]: true | Shape;
}

/** Reads a text. @throws SyntaxError when it is not JSON, so far as it is read */
export type PartReader = (text: Buffer) => unknown;

interface Field {
  readonly name: string;
  readonly bytes: Buffer;
  readonly fields: Fields;
}

/** `true` for a value that is read as a whole. */
type Fields = readonly Field[] | true;

const byte = {
  blank: 0x20,
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

/**
 * Returns a reader of what JSON.parse returns, less the fields of objects that the shape does not name. JSON.parse makes
 * some 3 kB of objects of a service account, of which three short texts are kept, and remembers every text of up to ten
 * characters, each resource version among them, until the next full collection of garbage. Whether there is JSON in what
 * is walked over is not seen; that it ends is.
 */
export function createPartReader(shape: Shape): PartReader {
  const fields = fieldsOf(shape);
  return (text) => {
    const walk = new Walk(text);
    const value = walk.read(fields);
    walk.end();
    return value;
  };
}

function fieldsOf(shape: Shape | true): Fields {
  if (shape === true) return true;
  return Object.entries(shape).map(([name, inner]) => ({ name, bytes: Buffer.from(name), fields: fieldsOf(inner) }));
}

/** A place in a text that moves on. Bytes of other characters than ASCII are none of those that are looked for. */
class Walk {
  readonly #text: Buffer;
  #at = 0;

  constructor(text: Buffer) {
    this.#text = text;
  }

  read(fields: Fields): unknown {
    const first = this.#next();
    if (first === byte.openObject && fields !== true) return this.#readObject(fields);
    const start = this.#at;
    if (first !== byte.quote) this.#skip();
    else if (this.#skipString()) return this.#text.toString('utf8', start + 1, this.#at - 1);
    return JSON.parse(this.#text.toString('utf8', start, this.#at));
  }

  end(): void {
    if (this.#next() !== undefined) throw this.#fault();
  }

  #readObject(fields: readonly Field[]): Record<string, unknown> {
    const read: Record<string, unknown> = {};
    this.#at++;
    if (this.#moveBehind(byte.closeObject)) return read;
    do {
      const field = this.#readName(fields);
      if (!this.#moveBehind(byte.colon)) throw this.#fault();
      if (field) read[field.name] = this.read(field.fields);
      else this.#skip();
    } while (this.#moveBehind(byte.comma));
    if (!this.#moveBehind(byte.closeObject)) throw this.#fault();
    return read;
  }

  #readName(fields: readonly Field[]): Field | undefined {
    if (this.#next() !== byte.quote) throw this.#fault();
    const start = this.#at;
    const isPlain = this.#skipString();
    // no closures: there are some twenty names in a line
    for (const field of fields) {
      if (isPlain ? this.#isNamed(field.bytes, start + 1) : this.#decodes(field.name, start)) return field;
    }
    return undefined;
  }

  #isNamed(name: Buffer, start: number): boolean {
    if (this.#at - 1 - start !== name.length) return false;
    for (let offset = 0; offset < name.length; offset++) {
      if (this.#text[start + offset] !== name[offset]) return false;
    }
    return true;
  }

  #decodes(name: string, start: number): boolean {
    return JSON.parse(this.#text.toString('utf8', start, this.#at)) === name;
  }

  /** Walks over the value that begins here. */
  #skip(): void {
    const first = this.#next();
    if (first === byte.quote) this.#skipString();
    else if (first === byte.openObject || first === byte.openList) this.#skipNested();
    else this.#skipLiteral();
  }

  /** Walks over an object or a list, however deep. Half of a text is walked over here: with a local place, which is faster. */
  #skipNested(): void {
    const text = this.#text;
    let depth = 0;
    let at = this.#at;
    do {
      const now = text[at++];
      if (now === byte.quote) {
        this.#at = at - 1;
        this.#skipString();
        at = this.#at;
      } else if (now === byte.openObject || now === byte.openList) depth++;
      else if (now === byte.closeObject || now === byte.closeList) depth--;
      else if (now === undefined) throw this.#fault();
    } while (depth > 0);
    this.#at = at;
  }

  /** Walks over a number, true, false or null. */
  #skipLiteral(): void {
    const start = this.#at;
    while (isInLiteral(this.#text[this.#at])) this.#at++;
    if (this.#at === start) throw this.#fault();
  }

  /** Walks over a string, and says whether it is as it looks: nothing in it is written with a backslash. */
  #skipString(): boolean {
    const text = this.#text;
    let isPlain = true;
    let at = this.#at + 1;
    for (let now = text[at]; now !== byte.quote; now = text[++at]) {
      if (now === byte.backslash) {
        isPlain = false;
        at++;
      } else if (now === undefined) throw this.#fault();
    }
    this.#at = at + 1;
    return isPlain;
  }

  /** Moves behind the byte, if it is the next that is not blank. */
  #moveBehind(wanted: number): boolean {
    const isThere = this.#next() === wanted;
    if (isThere) this.#at++;
    return isThere;
  }

  /** Moves to the next byte that is not blank, and returns it. */
  #next(): number | undefined {
    let now = this.#text[this.#at];
    while (now !== undefined && now <= byte.blank) now = this.#text[++this.#at];
    return now;
  }

  #fault(): SyntaxError {
    return new SyntaxError(`no JSON at byte ${this.#at}`);
  }
}

function isInLiteral(now: number | undefined): boolean {
  if (now === undefined || now <= byte.blank) return false;
  return now !== byte.comma && now !== byte.closeObject && now !== byte.closeList;
}
