/** The rules of docs/architecture.md as functions: sources -> what breaks a rule, and what to do instead. Reads no files. */
import type { Import, SourceFile } from './source-files.ts';

/** What the files of one part of the tree may import. */
interface Wall {
  /** A folder, ending in `/`, or a file. */
  readonly of: string;
  /** Folders, files and packages; `node:` is all of Node's modules, `*` any package that is not forbidden. */
  readonly may: readonly string[];
  /** What it may import types from, besides. */
  readonly types?: readonly string[];
  /** Packages that `*` does not let in. */
  readonly never?: readonly string[];
  /** What to do instead. */
  readonly instead: string;
}

const koa = ['koa', 'koa-bodyparser'];
const cdk8s = ['cdk8s', 'cdk8s-plus-27', 'constructs'];

/** The first that fits a file is the one that holds for it. */
const walls: readonly Wall[] = [
  {
    of: 'contract/',
    may: ['contract/'],
    instead:
      'the contract stands alone: take what is needed as an argument, or move the code to the side that needs it',
  },
  {
    of: 'charts/',
    may: ['charts/', 'contract/', 'imports/', ...cdk8s],
    instead: 'what charts and server must agree on belongs in contract/; a chart reads no files and asks no network',
  },
  { of: 'imports/', may: ['imports/', ...cdk8s], instead: 'generate it anew with cdk8s import' },
  {
    of: 'main.ts',
    // package.json for the default image's name and version
    may: ['charts/', 'package.json', 'cdk8s'],
    instead: 'only make the app and its chart here; put the rest in charts/',
  },
  {
    of: 'server/core/',
    // the one package without side effects that patches are made with
    may: ['server/core/', 'fast-json-patch'],
    types: ['contract/'],
    instead: 'core is pure and synchronous: take the value as an argument and let server/pipeline.ts pass it',
  },
  {
    of: 'server/ports.ts',
    may: [],
    types: ['server/core/'],
    instead: 'ports are interfaces only: use `import type` of server/core/types.ts, and put code in server/io/',
  },
  {
    of: 'server/pipeline.ts',
    may: ['server/core/'],
    types: ['server/ports.ts', 'contract/'],
    instead: 'take what does the work as a port, an argument whose interface is in server/ports.ts',
  },
  {
    of: 'server/http/',
    may: ['server/http/', 'server/pipeline.ts', 'server/ports.ts', 'server/core/', 'contract/', ...koa],
    instead: 'middleware gets adapters as ports: let server/main.ts pass them',
  },
  {
    of: 'server/io/',
    may: ['server/io/', 'server/ports.ts', 'server/core/', 'contract/', 'node:', '*'],
    never: [...koa, ...cdk8s],
    instead: 'an adapter implements a port and knows nothing of requests: move the decision to server/core/',
  },
  {
    of: 'server/app.ts',
    may: ['server/http/', 'server/pipeline.ts', 'server/ports.ts', 'server/core/', 'contract/', ...koa],
    instead: 'the application is only middleware in its order: let server/main.ts pass adapters as ports',
  },
  {
    of: 'server/',
    may: ['server/', 'contract/', 'node:', '*'],
    never: cdk8s,
    instead: 'what charts and server must agree on belongs in contract/',
  },
];

/** Folders whose code may import and do anything: it is not delivered. */
const free = /^(test|bench|scripts|examples)\//;
const generated = /^imports\//;
const maxFileLines = 250;
const maxFunctionLines = 40;
const maxMedianFunctionLines = 10;
const maxParameters = 3;
/** Files with a limit of their own. */
const fileLimits: ReadonlyMap<string, number> = new Map([
  // a table: it grows by a row for each flag and has no logic to split
  ['contract/flags.ts', Number.POSITIVE_INFINITY],
  // wiring only: a decision that creeps in shows as length
  ['server/main.ts', 80],
]);

/** Returns the imports that cross a wall. */
export function crossings(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, imports }) => {
    const wall = walls.find(({ of }) => covers(of, path));
    if (!wall) return free.test(path) ? [] : [`${path} is in no part of the tree: add a wall for it`];
    const crossing = imports.filter((item) => !isAllowed(wall, item));
    return crossing.map(({ target }) => `${path} must not import ${target}: ${wall.instead}`);
  });
}

function isAllowed({ may, types = [], never = [] }: Wall, { target, isTypeOnly }: Import): boolean {
  if (never.includes(target)) return false;
  const allowed = isTypeOnly ? [...may, ...types] : may;
  const isPackage = !target.endsWith('.ts') && !target.startsWith('node:');
  return allowed.some((item) => (item === '*' ? isPackage : covers(item, target)));
}

function covers(part: string, target: string): boolean {
  return /[/:]$/.test(part) ? target.startsWith(part) : target === part;
}

/** Returns the places outside main.ts files that reach for the process. */
export function processUses(files: readonly SourceFile[]): readonly string[] {
  const watched = files.filter(({ path }) => !free.test(path) && !/(^|\/)main\.ts$/.test(path));
  return watched.flatMap(({ path, processLines, imports }) => {
    const places = processLines.map((line) => `${path}:${line}`);
    const imported = imports.filter(({ target }) => /^(node:)?process$/.test(target)).map(() => path);
    return [...places, ...imported].map(
      (place) => `${place} uses process: take what is needed as an argument from main.ts`,
    );
  });
}

/** Returns each circle of imports once. */
export function cycles(files: readonly SourceFile[]): readonly string[] {
  const targets = new Map(files.map(({ path, imports }) => [path, imports.map(({ target }) => target)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const from = trail.indexOf(path);
    if (from >= 0) found.push([...trail.slice(from), path].join(' -> '));
    if (from >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found.map((circle) => `${circle} is a circle: move what both need to a file of its own`);
}

/** Returns the files and functions that are too big. */
export function oversizes(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => !generated.test(path))
    .flatMap((file) => [...longFiles(file), ...bigFunctions(file)]);
}

function longFiles({ path, lines }: SourceFile): readonly string[] {
  const limit = fileLimits.get(path) ?? maxFileLines;
  return lines > limit
    ? [`${path} has ${lines} lines, at most ${limit}: give its second concept a file of its own`]
    : [];
}

function bigFunctions({ path, functions }: SourceFile): readonly string[] {
  if (path.startsWith('test/')) return [];
  return functions.flatMap(({ name, line, lines, parameters }) => {
    const place = `${path}:${line} ${name}`;
    const length = `${place} has ${lines} lines of its own, at most ${maxFunctionLines}: name its steps as functions`;
    const width = `${place} has ${parameters} parameters, at most ${maxParameters}: take an object`;
    return [...(lines > maxFunctionLines ? [length] : []), ...(parameters > maxParameters ? [width] : [])];
  });
}

/** Returns the fault of functions that are too long on the whole. */
export function longMedian(files: readonly SourceFile[]): readonly string[] {
  const delivered = files.filter(({ path }) => !free.test(path) && !generated.test(path));
  const lengths = delivered.flatMap(({ functions }) => functions.map(({ lines }) => lines)).sort((a, b) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
  const rule = `the median must be below ${maxMedianFunctionLines}`;
  return median < maxMedianFunctionLines ? [] : [`half of all functions have ${median} lines or more, ${rule}`];
}
