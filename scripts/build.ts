/** Builds build/: declarations and JavaScript of the package by tsc, and the server as one bundle by esbuild. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { build, type Plugin } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

const absent = (...names: readonly string[]): string =>
  names
    .map((name) => `export class ${name} { constructor() { throw new Error('${name} is not bundled'); } }`)
    .join('\n');

/**
 * What dist/config.js of @kubernetes/client-node imports for its API clients, which the server does not use: the whole
 * generated API, and undici. Tree shaking alone leaves them in, since the module is loaded late.
 */
const unusedByConfig: Readonly<Record<string, string>> = {
  undici: absent('Agent', 'ProxyAgent'),
  './gen/index.js': absent('ServerConfiguration', 'createConfiguration'),
  './middleware.js': absent('setHeaderMiddleware'),
};

const lightKubernetesClient: Plugin = {
  name: 'light-kubernetes-client',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, importer }) =>
      path in unusedByConfig && importer.endsWith('/@kubernetes/client-node/dist/config.js')
        ? { path, namespace: 'absent' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
      contents: unusedByConfig[path] ?? '',
      loader: 'js',
    }));
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
  plugins: [lightKubernetesClient],
  logLevel: 'warning',
});
chmodSync('build/server/main.js', 0o755);
