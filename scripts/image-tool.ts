/** Finds the program that builds images here. Builds none. */
import { execFileSync } from 'node:child_process';

/** A program that builds images, and how it is asked to. */
export interface ImageTool {
  readonly program: string;
  /** What comes before the options of a build. */
  readonly build: readonly string[];
  /** Arguments that end soon and fail where the program cannot build: docker's client is there without its daemon. */
  readonly probe: readonly string[];
}

/** In the order in which they are tried. */
export const imageTools: readonly ImageTool[] = [
  { program: 'docker', build: ['build'], probe: ['version', '--format', '{{.Server.Version}}'] },
  { program: 'podman', build: ['build'], probe: ['info', '--format', '{{.Host.Arch}}'] },
  // chroot: works in containers too, where namespaces cannot be made
  { program: 'buildah', build: ['build', '--isolation', 'chroot'], probe: ['info'] },
];

/**
 * Returns the first tool that works.
 * @param wanted the name of the only one to take; empty: any
 * @throws when none works, naming each with what it said
 */
export function findImageTool(wanted: string, probe: (tool: ImageTool) => void = run): ImageTool {
  const candidates = imageTools.filter(({ program }) => wanted === '' || program === wanted);
  if (candidates.length === 0) throw new Error(`TOOL is ${wanted}: it must be docker, podman or buildah`);
  const refusals: string[] = [];
  for (const tool of candidates) {
    try {
      probe(tool);
      return tool;
    } catch (fault) {
      refusals.push(`  ${tool.program}: ${describe(fault)}`);
    }
  }
  throw new Error(`an image is built with docker, podman or buildah, and none works here:\n${refusals.join('\n')}`);
}

function run({ program, probe }: ImageTool): void {
  execFileSync(program, probe, { stdio: 'pipe', timeout: 15_000 });
}

/** What the program said at the end, or that there is no such program. */
function describe(fault: unknown): string {
  const { code, stderr, message } = fault as { code?: string; stderr?: Buffer; message?: string };
  if (code === 'ENOENT') return 'not on the PATH';
  return stderr?.toString().trim().split('\n').at(-1) || message || String(fault);
}
