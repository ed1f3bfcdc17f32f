/** Why each package is in the server's bundle: one row each. What can be derived of them is not here. */

/** The licences that a package of the bundle may have, by their SPDX ids: all allow what we do, and ask for their text. */
export const allowedLicenses: readonly string[] = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** When a file of the bundle is loaded. */
export const loadedWhen: Readonly<Record<string, string>> = {
  'main.js': 'at the start',
  'x509-package.js': 'to make a certificate or a signing request',
  'koa-bodyparser.js': 'with the first compressed body',
  'js-yaml.js': 'for a kubeconfig',
  'yaml.js': 'with `--identities-from`',
  'openid-client.js': 'for a kubeconfig with `auth-provider: oidc`, when its token has ended',
  'socks-proxy-agent.js': 'for a kubeconfig with a SOCKS proxy',
  'socks.js': 'the same',
};

/** What each package is for, and who uses it. A part of a package is left out by scripts/lean-bundle.ts where nobody does. */
export const productionPackages: Readonly<Record<string, string>> = {
  koa: 'context, request and response that the handlers of `server/http` work with',
  'koa-compose': 'joins the middleware of `server/app.ts` into one function',
  delegates: 'puts the fields of request and response onto the context when Koa is loaded',
  parseurl: "splits a request's URL once for Koa's `path` and `query`",
  statuses: "the list of HTTP's statuses by which Koa and http-errors check a status",
  'prom-client': 'counters, gauges and histograms of `server/io/metrics`, and the page of them',

  'koa-bodyparser':
    'reads bodies with a content encoding in `server/http/body.ts`; the API server sends none, proxies may',
  'co-body': "parses the JSON for koa-bodyparser, and judges a body's first character",
  'copy-to': "copies koa-bodyparser's options",
  'raw-body': 'collects a body up to the limit of bytes after decompression: a small one that grows is refused',
  inflation: "unpacks gzip, deflate and br by Node's zlib",
  '@hapi/bourne': 'calls JSON.parse for co-body; its own check for `__proto__` is off, ours is in the core',
  bytes: 'reads the limit that koa-bodyparser takes as text, such as `1024b`',
  unpipe: 'detaches a stream that raw-body has given up',
  'http-errors': 'the errors of raw-body, by whose status the answer is chosen',
  depd: 'deprecation notes of http-errors, made when it is loaded',
  inherits: 'the class hierarchy of http-errors',
  setprototypeof: 'the same, for engines that lack Object.setPrototypeOf',
  toidentifier: 'names the classes of http-errors after the statuses',

  '@kubernetes/client-node':
    'its KubeConfig alone: kubeconfig files, tokens that change, exec plugins, for `server/io/kube/access.ts`',
  'js-yaml': 'reads kubeconfig files for KubeConfig',
  rfc4648: 'decodes the token of `auth-provider: oidc`, to see when it ends',
  hpagent: '`proxy-url` of a kubeconfig: HTTP and HTTPS proxies',
  'socks-proxy-agent': '`proxy-url` of a kubeconfig: SOCKS proxies',
  'agent-base': 'what socks-proxy-agent is an agent by',
  socks: 'the SOCKS protocol, for socks-proxy-agent',
  'ip-address': 'writes the addresses that socks sends',
  'smart-buffer': 'writes the messages that socks sends',
  'openid-client': "renews the tokens of a kubeconfig's `auth-provider: oidc`",
  oauth4webapi: 'the requests to the identity provider, for openid-client',

  yaml: 'reads manifests in files and says where in them a fault is, for `server/io/manifest-text.ts`',

  '@peculiar/x509': 'certificates and signing requests of `server/io/tls`: Node reads certificates and makes none',
  'reflect-metadata': 'the metadata of classes that tsyringe demands before @peculiar/x509 is loaded',
  tsyringe: 'where @peculiar/x509 keeps its algorithms',
  '@peculiar/asn1-schema': 'turns the classes of certificates into bytes and back, for all of @peculiar',
  '@peculiar/asn1-x509': "a certificate's and an extension's fields",
  '@peculiar/asn1-csr': "a signing request's fields",
  '@peculiar/asn1-ecc': 'keys and signatures on elliptic curves, which are the ones we make',
  '@peculiar/asn1-rsa': 'keys and signatures of RSA: a CA or a signer may have them',
  '@peculiar/utils': 'bytes and texts in hex and base64, PEM, for the others',
  asn1js: "ASN.1's DER encoding, below asn1-schema",
  pvutils: "asn1js's arithmetic on bytes",
  pvtsutils: 'buffers of any kind as one kind, for asn1js and @peculiar/x509',
  tslib: 'what TypeScript compiles decorators to, in two versions: for @peculiar and for tsyringe',
};
