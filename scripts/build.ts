/** Builds build/: the constructs, JavaScript and declarations, by tsc, and the server as one bundle by esbuild. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { entryPoints, leanBundle } from './lean-bundle.ts';
import { readProductionTree } from './production-tree.ts';
import { type Program, renderSbom, sbomPath } from './sbom.ts';
import { thirdPartyLicenses } from './third-party-licenses.ts';

const program = JSON.parse(readFileSync('package.json', 'utf8')) as Program;

const banner = [
  '#!/usr/bin/env node',
  // what is in CommonJS asks for node's own modules by require, and for the files beside main.js
  'const require = (id) => process.getBuiltinModule(id) ??',
  "  process.getBuiltinModule('module').createRequire(import.meta.url)(id);",
];

rmSync('build', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/.bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
// the package's own type is module: the server's
writeFileSync('build/constructs/package.json', '{ "type": "commonjs" }\n');
const { metafile } = await build({
  entryPoints: { ...entryPoints },
  outdir: 'build/server',
  bundle: true,
  format: 'esm',
  platform: 'node',
  // ES modules of a package before its CommonJS: what nobody uses falls away
  mainFields: ['module', 'main'],
  target: 'node26',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'linked',
  define: { VERSION: JSON.stringify(program.version) },
  banner: { js: banner.join('\n') },
  plugins: [leanBundle],
  logLevel: 'warning',
  metafile: true,
});
chmodSync('build/server/main.js', 0o755);
const tree = readProductionTree(metafile);
writeFileSync(sbomPath, renderSbom(program, tree));
writeFileSync('build/server/THIRD-PARTY-LICENSES.txt', thirdPartyLicenses(tree.packages));
