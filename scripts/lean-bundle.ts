/** Keeps out of the server's bundle what is loaded and never used: each row says what it saves. */
import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

interface Absence {
  /** The end of the importing file's path. */
  readonly importer: string;
  readonly path: string;
  /** What stands in for the module. */
  readonly contents: string;
}

const thrower = (name: string): string =>
  `${name}() { throw new Error('${name} is left out by scripts/lean-bundle.ts'); }`;
const classes = (...names: readonly string[]): string =>
  names.map((name) => `export function ${thrower(name)}`).join('\n');
const commonJs = (name: string): string => `module.exports = function ${thrower(name)}`;

/** Stands in for a package until one of its exports is first used. */
const late = (path: string, ...names: readonly string[]): string =>
  `module.exports = { ${names.map((name) => `get ${name}() { return require('${path}').${name}; }`).join(', ')} }`;

/** The only media types that the server names. */
const mediaTypes = {
  'application/json': { charset: 'UTF-8', compressible: true, extensions: ['json'] },
  'text/plain': { compressible: true, extensions: ['txt', 'text'] },
  'text/html': { compressible: true, extensions: ['html'] },
  'application/octet-stream': { extensions: ['bin'] },
};

const absences: readonly Absence[] = [
  // API clients: the whole generated API and undici, 2 MB of code, 60 MB and half a second
  { importer: '/@kubernetes/client-node/dist/config.js', path: 'undici', contents: classes('Agent', 'ProxyAgent') },
  {
    importer: '/@kubernetes/client-node/dist/config.js',
    path: './gen/index.js',
    contents: classes('ServerConfiguration', 'createConfiguration'),
  },
  {
    importer: '/@kubernetes/client-node/dist/config.js',
    path: './middleware.js',
    contents: classes('setHeaderMiddleware'),
  },
  // proxies and sign-in through OpenID Connect or a cloud's own command: few kubeconfigs ask for them
  {
    importer: '/@kubernetes/client-node/dist/oidc_auth.js',
    path: 'openid-client',
    contents: late('openid-client', 'refreshTokenGrant', 'discovery', 'customFetch'),
  },
  {
    importer: '/@kubernetes/client-node/dist/azure_auth.js',
    path: 'jsonpath-plus',
    contents: late('jsonpath-plus', 'JSONPath'),
  },
  {
    importer: '/@kubernetes/client-node/dist/gcp_auth.js',
    path: 'jsonpath-plus',
    contents: late('jsonpath-plus', 'JSONPath'),
  },
  { importer: '/@kubernetes/client-node/dist/config.js', path: 'socks', contents: late('socks', 'SocksClient') },
  {
    importer: '/@kubernetes/client-node/dist/config.js',
    path: 'socks-proxy-agent',
    contents: late('socks-proxy-agent', 'SocksProxyAgent'),
  },
  // worker processes, pushing, and a timer that wakes the process a hundred times a second: 7 MB
  { importer: '/prom-client/index.js', path: './lib/cluster', contents: commonJs('AggregatorRegistry') },
  { importer: '/prom-client/index.js', path: './lib/pushgateway', contents: commonJs('Pushgateway') },
  { importer: '/prom-client/index.js', path: './lib/defaultMetrics', contents: commonJs('collectDefaultMetrics') },
  { importer: '/prom-client/index.js', path: './lib/summary', contents: commonJs('Summary') },
  // ctx.assert, with a deep comparison of every kind of object
  { importer: '/koa/lib/context.js', path: 'http-assert', contents: commonJs('assert') },
  // replies that are streams, of which there are none: it loads zlib, fs/promises and readline, 1.6 MB
  { importer: '/koa/lib/response.js', path: 'destroy', contents: commonJs('destroy') },
  // every media type there is: 200 kB of JSON, turned into maps at the start
  { importer: '/mime-types/index.js', path: 'mime-db', contents: `module.exports = ${JSON.stringify(mediaTypes)}` },
];

const isBuiltin = new RegExp(`^(node:)?(${builtinModules.join('|')})$`);

/** The plugin for esbuild. */
export const leanBundle: Plugin = {
  name: 'lean-bundle',
  setup({ onResolve, onLoad }) {
    // an ESM import of a built-in module reads every property of it, the lazy ones too: `import http from 'node:http'`
    // loads undici for http.WebSocket, 16 MB and 65 ms; a require reads only what is used
    onResolve({ filter: isBuiltin }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'builtin' },
    );
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({ contents: `module.exports = require('${path}')` }));
    onResolve({ filter: /./ }, ({ path, importer }) => {
      const index = absences.findIndex((absence) => absence.path === path && importer.endsWith(absence.importer));
      return index < 0 ? undefined : { path: `${path}#${index}`, namespace: 'absent', pluginData: index };
    });
    onLoad({ filter: /./, namespace: 'absent' }, ({ pluginData }) => ({
      contents: absences[pluginData as number]?.contents ?? '',
      loader: 'js',
      resolveDir: process.cwd(),
    }));
  },
};
