/** Builds build/: the constructs, JavaScript and declarations, by tsc, and the server as one bundle by esbuild. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { leanBundle } from './lean-bundle.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

rmSync('build', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/.bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
// the package's own type is module: the server's
writeFileSync('build/constructs/package.json', '{ "type": "commonjs" }\n');
await build({
  entryPoints: { main: 'server/main.ts' },
  outdir: 'build/server',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'linked',
  define: { VERSION: JSON.stringify(version) },
  // packages in CommonJS ask for node's own modules by require
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [leanBundle],
  logLevel: 'warning',
});
chmodSync('build/server/main.js', 0o755);
