/** Test cluster: compiles the control plane, the node's programs and kubectl from their Go modules, once per version. Runs none of them. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubernetesVersion, type Say } from './layout.ts';
import { run } from './processes.ts';

/** What an API server without a node needs. */
export const controlPlanePrograms = ['kubectl', 'etcd', 'kube-apiserver', 'kube-controller-manager'] as const;
/** What a node needs on top. `pause` is the process that holds a pod's network. */
export const nodePrograms = ['kube-scheduler', 'kube-proxy', 'kubelet', 'pause'] as const;

/** A program of the cluster. */
export type Program = (typeof controlPlanePrograms)[number] | (typeof nodePrograms)[number];

const progressEveryMs = 15_000;
const versionPackage = 'k8s.io/component-base/version';

/** A process that waits for the signal that ends it, and does nothing else. */
const pauseSource = `package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	<-end
}
`;

/**
 * Compiles those of the programs that the folder lacks. Each is moved into the folder only when it is whole, so that an
 * interrupted compile is taken up where it stopped.
 */
export async function buildPrograms(folder: string, programs: readonly Program[], say: Say): Promise<void> {
  const missing = programs.filter((program) => !existsSync(join(folder, program)));
  if (missing.length === 0) return;
  say(`compiling ${missing.join(', ')} (Kubernetes ${kubernetesVersion}) into ${folder}, once: several minutes`);
  await mkdir(folder, { recursive: true });
  await removeInterrupted(folder);
  const module = await mkdtemp(join(folder, '.module-'));
  try {
    await watched('downloading Go modules', say, () => writeModule(module));
    for (const [at, program] of missing.entries()) {
      const what = `compiling ${program} (${at + 1} of ${missing.length})`;
      await watched(what, say, () => compile(module, program));
      await rename(join(module, program), join(folder, program));
    }
  } finally {
    await rm(module, { recursive: true, force: true });
  }
}

/** Removes what interrupted compiles left; a recent one may be of a compile that still runs. */
async function removeInterrupted(folder: string): Promise<void> {
  const modules = (await readdir(folder)).filter((name) => name.startsWith('.module-'));
  for (const path of modules.map((name) => join(folder, name))) {
    const ageMs = Date.now() - (await stat(path)).mtimeMs;
    if (ageMs > 3_600_000) await rm(path, { recursive: true, force: true });
  }
}

/** Says what goes on: at the start, every 15 seconds, and how long it took. */
async function watched(what: string, say: Say, work: () => Promise<void>): Promise<void> {
  const begun = Date.now();
  const seconds = () => `${Math.round((Date.now() - begun) / 1000)} s`;
  say(what);
  const timer = setInterval(() => say(`${what}: ${seconds()}`), progressEveryMs);
  try {
    await work();
    say(`${what}: done in ${seconds()}`);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Writes a module that requires Kubernetes. Kubernetes' own go.mod takes its staging modules from folders of its
 * repository, which the published module lacks: here each is replaced by its published version.
 */
async function writeModule(folder: string): Promise<void> {
  const source = `k8s.io/kubernetes@v${kubernetesVersion}`;
  const { GoMod: path } = JSON.parse(await run('go', ['mod', 'download', '-json', source])) as { GoMod: string };
  const goMod = JSON.parse(await run('go', ['mod', 'edit', '-json', path])) as GoMod;
  const staging = `v${kubernetesVersion.replace(/^1\./, '0.')}`;
  const replaced = (goMod.Replace ?? [])
    .filter((row) => row.New.Path.startsWith('./staging/'))
    .map((row) => `replace ${row.Old.Path} => ${row.Old.Path} ${staging}`);
  const lines = ['module cluster', `go ${goMod.Go}`, `require k8s.io/kubernetes v${kubernetesVersion}`, ...replaced];
  await writeFile(join(folder, 'go.mod'), `${lines.join('\n')}\n`);
  await mkdir(join(folder, 'pause-source'));
  await writeFile(join(folder, 'pause-source', 'main.go'), pauseSource);
}

/** The parts of `go mod edit -json` that are read. */
interface GoMod {
  readonly Go: string;
  readonly Replace?: readonly { readonly Old: { readonly Path: string }; readonly New: { readonly Path: string } }[];
}

async function compile(module: string, program: Program): Promise<void> {
  const [major, minor] = kubernetesVersion.split('.');
  const stamp = { gitVersion: `v${kubernetesVersion}`, gitMajor: major, gitMinor: minor };
  const stamps = Object.entries(stamp).map(([name, value]) => `-X ${versionPackage}.${name}=${value}`);
  const flags = ['-mod=mod', '-trimpath', '-buildvcs=false', '-ldflags', ['-s -w', ...stamps].join(' ')];
  await run('go', ['build', ...flags, '-o', program, sourceOf(program)], { cwd: module });
}

function sourceOf(program: Program): string {
  if (program === 'etcd') return 'go.etcd.io/etcd/server/v3';
  return program === 'pause' ? './pause-source' : `k8s.io/kubernetes/cmd/${program}`;
}
