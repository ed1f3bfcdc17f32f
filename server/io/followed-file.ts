/** IO: follows files for changes by looking at them. Knows nothing of what they hold. */
import { type BigIntStats, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../ports.ts';
import { systemReason } from './system-error.ts';

/** What reading one file gave: its text, or the system's reason why there is none. */
export type FileRead = { readonly text: string } | { readonly failure: string };

/** The files by path. One whose content is as before is the same object as before. */
export type FilesRead = ReadonlyMap<string, FileRead>;

/** Which files are followed, and how closely. */
export interface FollowOptions {
  readonly paths: readonly string[];
  /** With these, a path may be a folder: its regular, not hidden files with one of these endings are followed. */
  readonly endings?: readonly string[];
  /** How often everything is read again although nothing seems to have changed, in milliseconds. */
  readonly resyncMs: number;
  readonly clock: Clock;
}

interface Seen {
  readonly fingerprint: string;
  readonly failure?: string;
}

interface Known {
  readonly fingerprint: string;
  readonly read: FileRead;
}

/** Short enough that a swapped certificate is served at once to human eyes; two stats cost 7 µs, a folder of 1000 files 7 ms. */
const pollMs = 1000;

/**
 * Reads the files, calls `use` with them before it returns, and again whenever what they hold has changed.
 * Looks by `stat`, which sees what inotify misses: the kubelet's `..data` swap, renames, network file systems. The calls
 * are synchronous: files that are followed are few, small and local.
 * @returns a function that ends it
 */
export function followFiles(options: FollowOptions, use: (files: FilesRead) => void): () => void {
  let known: ReadonlyMap<string, Known> | undefined;
  let resyncAtMs = 0;
  let cancel: () => void;
  const look = () => {
    cancel = options.clock.after(pollMs, look);
    const nowMs = options.clock.monotonicMs();
    const isResync = known === undefined || nowMs >= resyncAtMs;
    if (isResync) resyncAtMs = nowMs + options.resyncMs;
    const before = known;
    known = readAll(options, before, isResync);
    if (!isSame(before, known)) use(new Map(Array.from(known, ([path, { read }]) => [path, read])));
  };
  look();
  return () => cancel();
}

function readAll(options: FollowOptions, before: ReadonlyMap<string, Known> | undefined, isResync: boolean) {
  const seen = options.paths.flatMap((path) => seePath(path, options.endings));
  return new Map(seen.map(([path, now]) => [path, readAgain(path, now, { known: before?.get(path), isResync })]));
}

function seePath(path: string, endings: readonly string[] | undefined): readonly (readonly [string, Seen])[] {
  try {
    const stats = statSync(path, { bigint: true });
    if (endings === undefined || !stats.isDirectory()) return [[path, seeFile(stats)]];
    const names = readdirSync(path).filter(
      (name) => !name.startsWith('.') && endings.some((end) => name.endsWith(end)),
    );
    const files = names.sort().flatMap((name) => seePath(join(path, name), undefined));
    return files.filter(([, seen]) => seen.failure !== notAFile);
  } catch (error) {
    const failure = systemReason(error);
    return [[path, { fingerprint: failure, failure }]];
  }
}

/** Reading a pipe would wait for ever. */
const notAFile = 'not a regular file';

/** The change time is in it because a `chmod` alone can make a file readable. */
function seeFile(stats: BigIntStats): Seen {
  if (!stats.isFile()) return { fingerprint: notAFile, failure: notAFile };
  return { fingerprint: [stats.dev, stats.ino, stats.mtimeNs, stats.ctimeNs, stats.size].join() };
}

/** The fingerprint is older than the read: a change in between shows as a new fingerprint the next time. */
function readAgain(path: string, seen: Seen, before: { known: Known | undefined; isResync: boolean }): Known {
  const { known, isResync } = before;
  if (known?.fingerprint === seen.fingerprint && !isResync) return known;
  const read = seen.failure === undefined ? readText(path) : { failure: seen.failure };
  return { fingerprint: seen.fingerprint, read: known && isSameRead(known.read, read) ? known.read : read };
}

/** Returns what the file holds, once. */
export function readText(path: string): FileRead {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { failure: systemReason(error) };
  }
}

function isSameRead(one: FileRead, other: FileRead): boolean {
  return 'text' in one
    ? 'text' in other && one.text === other.text
    : 'failure' in other && one.failure === other.failure;
}

function isSame(before: ReadonlyMap<string, Known> | undefined, now: ReadonlyMap<string, Known>): boolean {
  if (before?.size !== now.size) return false;
  for (const [path, { read }] of now) if (before.get(path)?.read !== read) return false;
  return true;
}
