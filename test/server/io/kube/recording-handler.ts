/** Test support of io/kube: a handler that keeps what it is told, as the index of service accounts does. */
import type { ObjectHandler } from '../../../../server/io/kube/feed.ts';
import type { KubeObject } from '../../../../server/io/kube/watch-event.ts';

/** Keeps names; the calls can be looked at. */
export class RecordingHandler implements ObjectHandler {
  readonly calls: string[] = [];
  #current = new Set<string>();
  #next: Set<string> | undefined;
  /** Is called before an object is taken. */
  beforePut: (name: string) => void = () => {};

  /** The names of the last whole state and of what was heard since. */
  get names(): readonly string[] {
    return [...this.#current];
  }

  get size(): number {
    return this.#current.size;
  }

  begin(): void {
    this.calls.push('begin');
    this.#next = new Set();
  }

  put({ metadata }: KubeObject): void {
    this.beforePut(metadata.name);
    this.calls.push(`put ${metadata.name}`);
    (this.#next ?? this.#current).add(metadata.name);
  }

  delete({ metadata }: KubeObject): void {
    this.calls.push(`delete ${metadata.name}`);
    (this.#next ?? this.#current).delete(metadata.name);
  }

  commit(): void {
    this.calls.push('commit');
    this.#current = this.#next ?? this.#current;
    this.#next = undefined;
  }
}
