/** IO: a request whose body can be had whole. Looks at nothing of it. */
import { IncomingMessage } from 'node:http';
import type { BodySource, BodyTaker, NoBody } from '../ports.ts';
import { aFewATurn } from './few-a-turn.ts';

/** Who waits for a body, and what has come of it. */
interface Collection extends BodyTaker {
  readonly chunks: Buffer[];
  bytes: number;
}

/** Others get their turn after so much of a body; few reviews are larger. Node by itself reads up to 2 MB of one connection before it looks at the next. */
const turnLimitBytes = 256 * 1024;
/** Bodies larger than that go on one a turn, in order: of sixty at once each turn would bring 15 MB. */
const goOnInTurn = aFewATurn(1);

/** A request as the listener makes it. It is a stream like any other unless it is collected. */
export class IncomingRequest extends IncomingMessage implements BodySource {
  #collection: Collection | undefined;

  /** Goes past the stream's queue and events, which take 3 µs. */
  collect({ limitBytes, took, settle }: BodyTaker): void {
    this.#collection = { limitBytes, took, settle, chunks: [], bytes: 0 };
    // lets the socket be read, and tells Node that the body is used
    this._read(0);
  }

  giveUp(): void {
    this.#settle('given-up');
  }

  /** Node's parser brings each piece of the body, and null at its end. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    const collection = this.#collection;
    if (collection === undefined) return super.push(chunk, encoding);
    if (chunk === null) {
      const { chunks, bytes } = collection;
      this.#settle(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes));
      // an end that nobody reads: Node keeps a request until its stream has ended
      super.push(null);
      this.read(0);
      return false;
    }
    collection.chunks.push(chunk);
    collection.bytes += chunk.length;
    if (collection.bytes > collection.limitBytes) this.#settle('too-large');
    else collection.took(chunk.length);
    // false: no more is read until somebody asks
    return this.#collection !== undefined && this.#mayGoOn(collection, chunk.length);
  }

  #mayGoOn(collection: Collection, chunkBytes: number): boolean {
    const turns = (bytes: number): number => Math.floor(bytes / turnLimitBytes);
    if (turns(collection.bytes) === turns(collection.bytes - chunkBytes)) return true;
    goOnInTurn(() => {
      if (this.#collection === collection) this._read(0);
    });
    return false;
  }

  /**
   * Node destroys the requests of a connection that has ended, with an error, of which it formats the stack trace; five
   * hundred of them take 15 ms. That a request was cut short is said by `aborted`.
   */
  override destroy(error?: NodeJS.ErrnoException): this {
    return super.destroy(error?.code === 'ECONNRESET' ? undefined : error);
  }

  /** The connection has ended, or is ended. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#settle('incomplete');
    super._destroy(error, callback);
  }

  #settle(body: Buffer | NoBody): void {
    const settle = this.#collection?.settle;
    this.#collection = undefined;
    settle?.(body);
  }
}
