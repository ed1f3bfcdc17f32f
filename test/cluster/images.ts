/** Test cluster: container images for a node that has no registry. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './processes.ts';

/** An image of one statically linked program. */
export interface ProgramImage {
  /** Name and tag. */
  readonly image: string;
  /** The program's file; its name stays. */
  readonly program: string;
}

/** Puts an image of one program onto the node. */
export async function loadProgram(state: string, { image, program }: ProgramImage): Promise<void> {
  const folder = await mkdtemp(join(state, 'image-'));
  const name = program.slice(program.lastIndexOf('/') + 1);
  await mkdir(join(folder, 'root'));
  await copyFile(program, join(folder, 'root', name));
  await run('tar', ['-cf', 'layer.tar', '-C', 'root', name], { cwd: folder });
  const layer = createHash('sha256')
    .update(await readFile(join(folder, 'layer.tar')))
    .digest('hex');
  const config = {
    os: 'linux',
    architecture: await run('go', ['env', 'GOARCH']).then((text) => text.trim()),
    config: { Entrypoint: [`/${name}`] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: [image], Layers: ['layer.tar'] }];
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const archive = join(folder, 'image.tar');
  await run('tar', ['-cf', archive, 'manifest.json', 'config.json', 'layer.tar'], { cwd: folder });
  await loadArchive(state, archive);
  await rm(folder, { recursive: true });
}

/**
 * Puts an image onto the node. Pods need `imagePullPolicy: Never` or `IfNotPresent`.
 * @param image a name with tag in buildah's store, or a path that ends in .tar
 * @throws when no node is up
 */
export async function loadImage(state: string, image: string): Promise<void> {
  if (!existsSync(join(state, 'containerd.sock'))) throw new Error(`no node is up in ${state}: start one (up)`);
  if (image.endsWith('.tar')) return loadArchive(state, image);
  const folder = await mkdtemp(join(state, 'image-'));
  const archive = join(folder, 'image.tar');
  await run('buildah', ['push', '-q', image, `docker-archive:${archive}:${image}`]);
  await loadArchive(state, archive);
  await rm(folder, { recursive: true });
}

/** Returns the arguments of ctr that reach the node's containerd. */
export function ctrArgs(state: string): readonly string[] {
  return ['--address', join(state, 'containerd.sock'), '--namespace', 'k8s.io'];
}

async function loadArchive(state: string, archive: string): Promise<void> {
  await run('ctr', [...ctrArgs(state), 'images', 'import', archive]);
}
