/** Test cluster: the smallest image that Node runs on, made of this machine's own files: no registry, no shell. Loads it nowhere. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './processes.ts';

/**
 * Returns the name of an image in buildah's store that has this Node at /usr/local/bin/node and the libraries that it
 * needs, and nothing else. Made once for each version.
 */
export async function makeRuntimeImage(node: string): Promise<string> {
  const image = `localhost/node-runtime:${(await run(node, ['--version'])).trim().slice(1)}`;
  if (await isThere(image)) return image;
  const folder = await mkdtemp(join(tmpdir(), 'runtime-image-'));
  try {
    for (const path of await librariesOf(node)) await copyInto(folder, path, path);
    await copyInto(folder, node, '/usr/local/bin/node');
    await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY root/ /\n');
    await run('buildah', ['build', '--isolation', 'chroot', '--tag', image, folder]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return image;
}

function isThere(image: string): Promise<boolean> {
  return run('buildah', ['inspect', '--type', 'image', image]).then(
    () => true,
    () => false,
  );
}

/** Returns the paths that the dynamic linker loads, itself included. */
async function librariesOf(program: string): Promise<readonly string[]> {
  return (await run('ldd', [program])).split('\n').flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

async function copyInto(folder: string, path: string, target: string): Promise<void> {
  const copy = join(folder, 'root', target);
  await mkdir(dirname(copy), { recursive: true });
  await copyFile(path, copy);
}
