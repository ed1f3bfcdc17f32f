import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { findImageTool, type ImageTool } from '../../scripts/image-tool.ts';

/** Says of every tool but these that it is not on the PATH. */
const only =
  (...programs: readonly string[]) =>
  ({ program }: ImageTool): void => {
    if (!programs.includes(program)) throw Object.assign(new Error('spawn'), { code: 'ENOENT' });
  };

test('docker is taken first, then podman, then buildah', () => {
  assert.equal(findImageTool('', only('buildah', 'podman', 'docker')).program, 'docker');
  assert.equal(findImageTool('', only('buildah', 'podman')).program, 'podman');
  assert.equal(findImageTool('', only('buildah')).program, 'buildah');
});

test('the tool that is asked for is taken before others that work', () => {
  assert.equal(findImageTool('buildah', only('docker', 'buildah')).program, 'buildah');
});

test('a docker without its daemon is passed over, and its complaint is told when nothing else works', () => {
  const complaint = Object.assign(new Error('exit 1'), {
    stderr: Buffer.from('warning\nCannot connect to the daemon\n'),
  });
  const probe = (tool: ImageTool) => {
    if (tool.program === 'docker') throw complaint;
    only()(tool);
  };
  assert.throws(() => findImageTool('', probe), {
    message: `an image is built with docker, podman or buildah, and none works here:
  docker: Cannot connect to the daemon
  podman: not on the PATH
  buildah: not on the PATH`,
  });
});

test('a tool of another name is refused with the three', () => {
  assert.throws(() => findImageTool('kaniko', only()), /TOOL is kaniko: it must be docker, podman or buildah/);
});

test('whatever umask the files were made under, the image can be read by its user', () => {
  const copies = readFileSync('Dockerfile', 'utf8').match(/^(COPY|ADD) .*/gm) ?? [];
  assert.ok(copies.length > 0);
  for (const line of copies) assert.match(line, /^COPY --chmod=0755 /);
});
