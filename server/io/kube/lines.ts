/** IO, Kubernetes: puts the lines of a chunked stream together. Knows nothing of what they mean. */

/** Takes the chunks of one stream. */
export interface LineSplitter {
  /** Hands every line that this chunk completes to `onLine`; returns false once a line is longer than the limit. */
  push(chunk: Buffer): boolean;
  /** Says how many bytes of an unfinished line are held. */
  readonly heldBytes: number;
}

const newline = 0x0a;

/**
 * Returns a splitter that hands on complete lines, without their line feed, and never an empty one. Lines are bytes, so
 * a character that is split across chunks is whole again; a line is valid only during the call.
 * @param limitBytes the longest line that is put together
 */
export function createLineSplitter(limitBytes: number, onLine: (line: Buffer) => void): LineSplitter {
  let held: Buffer[] = [];
  let heldBytes = 0;

  function complete(end: Buffer): void {
    const line = held.length === 0 ? end : Buffer.concat([...held, end]);
    held = [];
    heldBytes = 0;
    if (line.length > 0) onLine(line);
  }

  return {
    push(chunk) {
      let start = 0;
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
        if (heldBytes + at - start > limitBytes) return false;
        complete(chunk.subarray(start, at));
        start = at + 1;
      }
      if (start < chunk.length) held.push(chunk.subarray(start));
      heldBytes += chunk.length - start;
      return heldBytes <= limitBytes;
    },
    get heldBytes() {
      return heldBytes;
    },
  };
}
