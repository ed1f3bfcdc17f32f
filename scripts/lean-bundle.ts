/** Keeps out of main.js what is loaded and never used, or by few: each row says what it saves. */
import { builtinModules } from 'node:module';
import { basename } from 'node:path';
import type { OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';

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

/** A module in CommonJS that throws when it, or a function of it, is called. */
const commonJs = (name: string): string =>
  `function absent() { throw new Error('${name} is left out by scripts/lean-bundle.ts'); }
  module.exports = new Proxy(absent, { get: (own, key) => own[key] ?? absent });`;

/** Stands in for a module, from which these names are taken when they are first read. */
const late = (path: string, ...names: readonly string[]): string =>
  `module.exports = { ${names.map((name) => `get ${name}() { return require('${path}').${name}; }`).join(', ')} }`;

/** Modules of one importer that are required when it is loaded, and never called. */
const uncalled = (importer: string, ...paths: readonly string[]): readonly Absence[] =>
  paths.map((path) => ({ importer, path, contents: commonJs(path) }));

/** As iconv-lite does it for UTF-8, the only encoding asked for: a byte order mark is dropped, bad bytes become U+FFFD. */
const utf8Decoder = `exports.getDecoder = () => {
  const decoder = new TextDecoder();
  return { write: (chunk) => decoder.decode(chunk, { stream: true }), end: () => decoder.decode() };
};`;

/** Object identifiers that are read when @peculiar/x509 is loaded (RFC 5652 section 5.1, RFC 2985 section 5.4). */
const signedMessages = `module.exports = { id_signedData: '1.2.840.113549.1.7.2', get ${thrower('SignedData')} };`;
const requestAttributes = `module.exports = {
  id_pkcs9_at_challengePassword: '1.2.840.113549.1.9.7',
  id_pkcs9_at_extensionRequest: '1.2.840.113549.1.9.14',
  get ${thrower('ChallengePassword')},
};`;

const noJsonPath = `exports.JSONPath = () => { throw new Error('the token of the auth-provider gcp or azure has expired and is not \
renewed: as in kubectl since 1.26, give the user of the kubeconfig an exec plugin instead'); };`;

const absences: readonly Absence[] = [
  // stack traces, for which a flag must ask: all of node:util is 1 MB
  { importer: '/server/io/log/backtrace.ts', path: 'node:module', contents: late('node:module', 'SourceMap') },
  { importer: '/server/io/log/backtrace.ts', path: 'node:util', contents: late('node:util', 'getCallSites') },
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
  // its log for developers, and what colours that
  { importer: '/socks-proxy-agent/dist/index.js', path: 'debug', contents: 'module.exports = () => () => {};' },
  // evaluates expressions of the kubeconfig, for two ways of signing in that Kubernetes has given up
  { importer: '/@kubernetes/client-node/dist/azure_auth.js', path: 'jsonpath-plus', contents: noJsonPath },
  { importer: '/@kubernetes/client-node/dist/gcp_auth.js', path: 'jsonpath-plus', contents: noJsonPath },
  // worker processes, pushing, and a timer that wakes the process a hundred times a second: 7 MB
  { importer: '/prom-client/index.js', path: './lib/cluster', contents: commonJs('AggregatorRegistry') },
  { importer: '/prom-client/index.js', path: './lib/pushgateway', contents: commonJs('Pushgateway') },
  { importer: '/prom-client/index.js', path: './lib/defaultMetrics', contents: commonJs('collectDefaultMetrics') },
  { importer: '/prom-client/index.js', path: './lib/summary', contents: commonJs('Summary') },
  // what ctx.assert, accepts, attachment, cookies, fresh, is, redirect, throw, type, vary, body and callback() go by
  ...uncalled('/koa/lib/application.js', 'on-finished', 'http-errors'),
  ...uncalled('/koa/lib/context.js', 'http-assert', 'http-errors', 'cookies'),
  ...uncalled('/koa/lib/request.js', 'accepts', 'content-type', 'type-is', 'fresh'),
  ...uncalled('/koa/lib/response.js', 'content-disposition', 'on-finished', 'escape-html', 'type-is', 'destroy'),
  ...uncalled('/koa/lib/response.js', 'encodeurl', 'vary', 'mime-types'),
  // bodies that are not JSON: 25 packages
  ...uncalled('/co-body/index.js', './lib/any', './lib/form', './lib/text'),
  ...uncalled('/koa-bodyparser/index.js', 'type-is'),
  // tables of all the world's characters: 500 kB, 8 MB
  { importer: '/raw-body/index.js', path: 'iconv-lite', contents: utf8Decoder },
  // chains in PKCS #7, and passwords in signing requests: 4 packages
  { importer: '/@peculiar/x509/build/x509.es.js', path: '@peculiar/asn1-cms', contents: signedMessages },
  { importer: '/@peculiar/x509/build/x509.es.js', path: '@peculiar/asn1-pkcs9', contents: requestAttributes },
  // post-quantum signatures, of which we make none: 3 packages; their names are undefined, and no algorithm's is
  {
    importer: '/@peculiar/x509/build/x509.es.js',
    path: '@peculiar/asn1-x509-post-quantum',
    contents: 'module.exports = {};',
  },
];

/** Loaded by import(): a name, and where it begins. */
const imported: Readonly<Record<string, string>> = {
  'koa-bodyparser': 'koa-bodyparser',
  'x509-package': 'server/io/tls/x509-package.ts',
};

/** Loaded when one of these names of theirs is first read: few kubeconfigs ask for a proxy, or sign in through OpenID Connect. */
const awaited: Readonly<Record<string, readonly string[]>> = {
  'openid-client': ['refreshTokenGrant', 'discovery', 'customFetch'],
  'js-yaml': ['load'],
  socks: ['SocksClient'],
  'socks-proxy-agent': ['SocksProxyAgent'],
  yaml: ['LineCounter', 'parseAllDocuments'],
};

/**
 * The bundle's files: main.js, and beside it, each with all that it needs, packages that few processes ask for. All of our own
 * code is in main.js: twenty files more took a tenth of the start.
 */
export const entryPoints: Readonly<Record<string, string>> = {
  main: 'server/main.ts',
  ...imported,
  ...Object.fromEntries(Object.keys(awaited).map((name) => [name, `late:${name}`])),
};

const isBuiltin = new RegExp(`^(node:)?(${builtinModules.join('|')})$`);

/** The plugin for esbuild. */
export const leanBundle: Plugin = {
  name: 'lean-bundle',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, importer }) => {
      const index = absences.findIndex((absence) => absence.path === path && importer.endsWith(absence.importer));
      if (index < 0) return undefined;
      return { path: `${path}#${index}`, namespace: 'absent', pluginData: absences[index]?.contents };
    });
    onResolve({ filter: /./ }, resolveLate);
    onLoad({ filter: /./, namespace: 'absent' }, ({ pluginData }) => ({
      contents: pluginData as string,
      resolveDir: process.cwd(),
    }));
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: `export { ${awaited[path]?.join(', ')} } from '${path}';`,
      resolveDir: process.cwd(),
    }));
    // an ESM import of a built-in module reads every property of it, the lazy ones too: `import http from 'node:http'`
    // loads undici for http.WebSocket, 16 MB and 65 ms; a require reads only what is used
    onResolve({ filter: isBuiltin }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'builtin' },
    );
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({ contents: `module.exports = require('${path}')` }));
  },
};

/** What leads to a file beside main.js, or begins one. */
function resolveLate({ path, kind, namespace }: OnResolveArgs): OnResolveResult | undefined {
  if (kind === 'entry-point') return path.startsWith('late:') ? { path: path.slice(5), namespace: 'late' } : undefined;
  const name = basename(path, '.ts');
  if (kind === 'dynamic-import' && name in imported) return { path: `./${name}.js`, external: true };
  if (namespace === 'late') return undefined;
  if (namespace === 'absent' && path.startsWith('./')) return { path, external: true };
  const names = awaited[path];
  return names && { path, namespace: 'absent', pluginData: late(`./${path}.js`, ...names) };
}
