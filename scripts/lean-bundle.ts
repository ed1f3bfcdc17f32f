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

/** A package that few processes ask for, in a file beside main.js with all that it needs. */
type Beside =
  /** Begins with this module, and is loaded by import(). */
  | { readonly entry: string }
  /** Is loaded when one of these names is first read, by code that imports it at its top. */
  | { readonly names: readonly string[] };

/** By the file's name. All of our own code is in main.js: twenty files more took a tenth of the start. */
const beside: Readonly<Record<string, Beside>> = {
  // compressed reviews, of which the API server sends none
  'koa-bodyparser': { entry: 'koa-bodyparser' },
  // a certificate of our own, once in months
  'x509-package': { entry: 'server/io/tls/x509-package.ts' },
  // manifests in files, for those who have no API server
  yaml: { names: ['LineCounter', 'parseAllDocuments'] },
  // kubeconfigs: a pod has none; and what is rare in them: a proxy, and signing in through OpenID Connect
  'js-yaml': { names: ['load'] },
  socks: { names: ['SocksClient'] },
  'socks-proxy-agent': { names: ['SocksProxyAgent'] },
  'openid-client': { names: ['refreshTokenGrant', 'discovery', 'customFetch'] },
};

const lateNames = (file: string): readonly string[] | undefined => {
  const row = beside[file];
  return row && 'names' in row ? row.names : undefined;
};

/** The bundle's files. */
export const entryPoints: Readonly<Record<string, string>> = {
  main: 'server/main.ts',
  ...Object.fromEntries(
    Object.entries(beside).map(([file, row]) => [file, 'entry' in row ? row.entry : `late:${file}`]),
  ),
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
    onResolve({ filter: /^late:/ }, ({ path }) => ({ path: path.replace('late:', ''), namespace: 'late' }));
    onResolve({ filter: /./ }, resolveBeside);
    onLoad({ filter: /./, namespace: 'absent' }, ({ pluginData }) => ({
      contents: pluginData as string,
      resolveDir: process.cwd(),
    }));
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: `export { ${lateNames(path)?.join(', ')} } from '${path}';`,
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

/** What leads from main.js to a file beside it. */
function resolveBeside({ path, kind, namespace }: OnResolveArgs): OnResolveResult | undefined {
  if (namespace === 'absent' && path.startsWith('./')) return { path, external: true };
  const file = basename(path, '.ts');
  const row = kind === 'dynamic-import' ? beside[file] : undefined;
  if (row && 'entry' in row) return { path: `./${file}.js`, external: true };
  const names = namespace === 'late' ? undefined : lateNames(path);
  return names && { path, namespace: 'absent', pluginData: late(`./${path}.js`, ...names) };
}
