/** `make image`: builds the image of the Dockerfile with the tool that is there. Builds no bundle and pushes nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findImageTool } from './image-tool.ts';

const { IMAGE: image, RUNTIME_IMAGE: runtimeImage, TOOL: wanted = '', REVISION: revision = '' } = process.env;

function build(): number {
  if (!image) throw new Error('IMAGE is not set: make image IMAGE=registry.example.com/pod-identity-webhook:1.0.0');
  if (!existsSync('build/server/main.js')) throw new Error('build/server/main.js is missing: npm run build');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const values = { VERSION: version, REVISION: revision, ...(runtimeImage && { RUNTIME_IMAGE: runtimeImage }) };
  const buildArgs = Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const tool = findImageTool(wanted);
  const args = [...tool.build, '--tag', image, ...buildArgs, '.'];
  process.stdout.write(`${tool.program} ${args.join(' ')}\n`);
  return spawnSync(tool.program, args, { stdio: 'inherit' }).status ?? 1;
}

process.chdir(dirname(import.meta.dirname));
try {
  process.exitCode = build();
} catch (fault) {
  process.stderr.write(`make image: ${fault instanceof Error ? fault.message : fault}\n`);
  process.exitCode = 1;
}
