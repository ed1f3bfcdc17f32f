/** Test support: examples/composed with the packed package installed in it, as other projects have it. Builds nothing. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { root } from './program.ts';

const peers = ['cdk8s', 'cdk8s-plus-27', 'constructs'];

/** What `npm pack` tells of the tarball. */
interface Packed {
  /** The tarball's size in bytes. */
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** A project that has installed the package. */
export interface Project {
  readonly packed: Packed;
  /** The manifest inside the tarball. */
  readonly manifest: Readonly<Record<string, unknown>>;
  /** The folder of the package as it is installed. */
  readonly installed: string;
  /** Returns the text of a file of the project. */
  read(path: string): string;
  write(path: string, text: string): void;
  /** Runs a program of Node in the project, by its path or by Node's own arguments, and returns what it prints. */
  node(...args: readonly string[]): string;
  /** Runs the repository's TypeScript in the project and returns what it complains of. */
  typeCheck(...args: readonly string[]): string;
}

/**
 * Packs the build as it is, and has npm install the tarball. No registry is asked: peers are the repository's own, which
 * npm finds in place.
 */
export function installPackage(): Project {
  const home = mkdtempSync(join(tmpdir(), 'pod-identity-webhook-package-'));
  after(() => rmSync(home, { recursive: true, force: true }));
  const npm = (cwd: string, ...args: readonly string[]) =>
    run('npm', [...args, '--cache', join(home, 'cache'), '--no-audit', '--no-fund'], cwd);
  // no scripts: a build under way would take the program from under the other tests
  const output = npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', home);
  const folder = join(home, 'examples/composed');
  for (const file of ['package.json', 'cdk8s.yaml', 'tsconfig.json', 'main.ts']) {
    cpSync(join(root, 'examples/composed', file), join(folder, file));
  }
  npm(folder, 'pkg', 'delete', 'devDependencies');
  for (const peer of peers) {
    cpSync(join(root, 'node_modules', peer), join(folder, 'node_modules', peer), { recursive: true });
  }
  npm(folder, 'install', '--offline', '--legacy-peer-deps');
  // fails on a peer that is missing or of a version that does not fit
  npm(folder, 'ls');
  return openProject(folder, firstOf(JSON.parse(output)));
}

/** npm 11 and before print a list, later ones an object by name. */
function firstOf(output: object): Packed {
  return Object.values(output)[0];
}

function openProject(folder: string, packed: Packed): Project {
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  return {
    packed,
    manifest: JSON.parse(read('node_modules/pod-identity-webhook/package.json')),
    installed: join(folder, 'node_modules/pod-identity-webhook'),
    read,
    write: (path, text) => writeFileSync(join(folder, path), text),
    node: (...args) => run(process.execPath, args, folder),
    typeCheck: (...args) => {
      try {
        return run(process.execPath, [join(root, 'node_modules/.bin/tsc'), ...args], folder);
      } catch (error) {
        return String((error as { stdout?: unknown }).stdout ?? error);
      }
    },
  };
}

function run(command: string, args: readonly string[], cwd: string): string {
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` };
  return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
