/** IO, log: the stack trace of the one source line that log_backtrace_at names. Captures nothing unless it names one. */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CallSiteObject, getCallSites } from 'node:util';

/** Returns the stack of the log call being made if it is made at the line in question, else undefined. */
export type Tracer = () => string | undefined;

/** The frames between `getCallSites` and the log call: the tracer, the log's private `#write`, its public method. */
const ownFrames = 3;
const mostFrames = 50;

interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Returns a tracer for a position, or undefined where it names none (`:0`).
 * @param location `file.ts:line`, the file without folders
 */
export function createTracer(location: string): Tracer | undefined {
  const at = location.lastIndexOf(':');
  const file = location.slice(0, at);
  const line = Number(location.slice(at + 1));
  if (file === '' || line === 0) return undefined;
  const maps = new Map<string, SourceMap | undefined>();
  const originOf = (site: CallSiteObject) => originalPosition(site, maps);
  return () => {
    const [caller, ...callers] = getCallSites(mostFrames).slice(ownFrames);
    if (!caller) return undefined;
    const origin = originOf(caller);
    if (origin.line !== line || basename(origin.file) !== file) return undefined;
    return [caller, ...callers].map((site) => formatFrame(site.functionName, originOf(site))).join('\n');
  };
}

function formatFrame(functionName: string, { file, line, column }: Position): string {
  return `${functionName || '<anonymous>'} (${file}:${line}:${column})`;
}

/** The position in the source that the running file was built from; the running file's own where it has no map. */
function originalPosition(site: CallSiteObject, maps: Map<string, SourceMap | undefined>): Position {
  const script = site.scriptName.startsWith('file:') ? fileURLToPath(site.scriptName) : site.scriptName;
  if (!maps.has(script)) maps.set(script, tryReadMap(`${script}.map`));
  const origin = maps.get(script)?.findOrigin(site.lineNumber, site.columnNumber);
  if (origin && 'fileName' in origin) {
    return { file: resolve(dirname(script), origin.fileName), line: origin.lineNumber, column: origin.columnNumber };
  }
  return { file: script, line: site.lineNumber, column: site.columnNumber };
}

/** A map that is absent or broken leaves positions as they are: a trace that is wanted must not end a request. */
function tryReadMap(path: string): SourceMap | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
