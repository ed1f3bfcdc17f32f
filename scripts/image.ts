/** `make image`: builds the image of the Dockerfile with the tool that is there. Builds no bundle and pushes nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findImageTool } from './image-tool.ts';

const { IMAGE: image, RUNTIME_IMAGE: runtimeImage, TOOL: wanted = '', REVISION: revision = '' } = process.env;

const baseHint = 'if it is the base image that cannot be had: RUNTIME_IMAGE=<image with Node 26> takes another';

function build(): number {
  if (!image) throw new Error('IMAGE is not set: make image IMAGE=registry.example.com/pod-identity-webhook:0.1.0');
  if (!existsSync('build/server/main.js')) throw new Error('build/server/main.js is missing: npm run build');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const values = { VERSION: version, REVISION: revision, ...(runtimeImage && { RUNTIME_IMAGE: runtimeImage }) };
  const buildArgs = Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const tool = findImageTool(wanted);
  const args = [...tool.build, '--tag', image, ...buildArgs, '.'];
  process.stdout.write(`${tool.program} ${args.join(' ')}\n`);
  const status = spawnSync(tool.program, args, { stdio: 'inherit' }).status ?? 1;
  if (status === 0) process.stdout.write(`Built. Push it where your nodes pull from: ${tool.program} push ${image}\n`);
  else process.stderr.write(`make image: ${tool.program} failed, see above; ${baseHint}\n`);
  return status;
}

process.chdir(dirname(import.meta.dirname));
try {
  process.exitCode = build();
} catch (fault) {
  process.stderr.write(`make image: ${fault instanceof Error ? fault.message : fault}\n`);
  process.exitCode = 1;
}
