/** Builds build/: declarations and JavaScript of the package by tsc, and the server as one bundle by esbuild. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { build, type Plugin } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

/** The package's index pulls in the whole generated API; nothing of it has side effects, so what is not used goes. */
const shakeClientNode: Plugin = {
  name: 'shake-client-node',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /./ }, async ({ path, pluginData, ...args }) => {
      if (pluginData === 'resolved' || !args.resolveDir.includes('client-node')) return undefined;
      return { ...(await resolve(path, { ...args, pluginData: 'resolved' })), sideEffects: false };
    });
  },
};

rmSync('build', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/.bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
await build({
  entryPoints: { main: 'server/main.ts' },
  outdir: 'build/server',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'linked',
  define: { VERSION: JSON.stringify(version) },
  // packages in CommonJS ask for node's own modules by require
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [shakeClientNode],
  logLevel: 'warning',
});
chmodSync('build/server/main.js', 0o755);
