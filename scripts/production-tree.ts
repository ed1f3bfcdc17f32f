/** The production tree: the packages that esbuild put into the server's bundle, as its metafile tells. Writes nothing. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package of the bundle; copies of one version are one. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As its package.json says; empty when it says nothing. */
  readonly license: string;
  /** Folder from the root of the repository, as the lockfile has it. */
  readonly folder: string;
  /** The lockfile's hash of its tarball, as in `sha512-...=`; empty for what another package brought along. */
  readonly integrity: string;
  /** What is left of it in the bundle. */
  readonly bytes: number;
  /** Which files of the bundle have it: `main.js`, or one that is loaded when it is first needed. */
  readonly files: readonly string[];
  /** `name@version` of the packages of the bundle that it imports. */
  readonly imports: readonly string[];
}

/** What the server's bundle is made of, besides its own code. */
export interface ProductionTree {
  /** Sorted by name and version. */
  readonly packages: readonly BundledPackage[];
  /** `name@version` of what the server's own code imports. */
  readonly imports: readonly string[];
}

type Lockfile = {
  readonly packages: Readonly<Record<string, { version?: string; integrity?: string } | undefined>>;
};

const inPackage = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/**
 * Returns the tree of a bundle.
 * @param root the folder that has package-lock.json, node_modules, and that esbuild ran in
 */
export function readProductionTree(metafile: Metafile, root = '.'): ProductionTree {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  const parts = partsOf(metafile);
  const idOf = (folder: string) => `${nameOf(folder)}@${packages[folder]?.version ?? ''}`;
  const importsOf = (folders: readonly string[]) => {
    const own = new Set(folders.map(idOf));
    const all = folders.flatMap((folder) => [...importedBy(metafile, folder)]).filter((to) => parts.has(to));
    return [...new Set(all.map(idOf))].filter((id) => !own.has(id)).sort();
  };
  const described = [...Map.groupBy(parts.keys(), idOf)].map(([id, folders]): BundledPackage => {
    const [folder = ''] = folders;
    const { version = '', integrity = '' } = packages[folder] ?? {};
    const { license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { license?: unknown };
    const copies = folders.flatMap((each) => parts.get(each) ?? []);
    return {
      name: id.slice(0, id.lastIndexOf('@')),
      version,
      license: typeof license === 'string' ? license : '',
      folder,
      integrity,
      bytes: copies.reduce((sum, { bytes }) => sum + bytes, 0),
      files: [...new Set(copies.map(({ file }) => file))].sort(),
      imports: importsOf(folders),
    };
  });
  return { packages: described.sort(byId), imports: importsOf(['']) };
}

const byId = (a: BundledPackage, b: BundledPackage): number =>
  `${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1;

/** The package's folder, or nothing for the server's own code. */
const folderOf = (input: string): string => inPackage.exec(input)?.[0] ?? '';

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);

interface Part {
  readonly bytes: number;
  readonly file: string;
}

/** Returns what is in the outputs, by the package's folder. */
function partsOf(metafile: Metafile): ReadonlyMap<string, readonly Part[]> {
  const parts = Object.entries(metafile.outputs).flatMap(([output, { inputs }]) => {
    const file = basename(output);
    return Object.entries(inputs).map(([input, { bytesInOutput: bytes }]) => ({ input, bytes, file }));
  });
  // what stands in for a module or a package (scripts/lean-bundle.ts) is the server's own
  const foreign = parts.filter(({ input, bytes }) => bytes > 0 && !isStandIn(input) && folderOf(input) !== '');
  return Map.groupBy(foreign, ({ input }) => folderOf(input));
}

const isStandIn = (input: string): boolean => /^(absent|builtin|late):/.test(input);

/** Returns the folders of the packages that a package's inputs import, those behind stand-ins and in other files too. */
function importedBy({ inputs, outputs }: Metafile, folder: string): ReadonlySet<string> {
  const entries = Object.entries(outputs).map(([output, { entryPoint = '' }]) => [`./${basename(output)}`, entryPoint]);
  const behind: Readonly<Record<string, string>> = Object.fromEntries(entries);
  const targets = (input: string): readonly string[] =>
    (inputs[input]?.imports ?? [])
      .map(({ path, external = false }) => (external ? (behind[path] ?? path) : path))
      .flatMap((path) => (isStandIn(path) ? targets(path) : [folderOf(path)]));
  const from = Object.keys(inputs).filter((input) => !isStandIn(input) && folderOf(input) === folder);
  return new Set(from.flatMap(targets));
}
