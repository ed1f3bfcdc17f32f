import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crossings, cycles, longMedian, oversizes, processUses } from './support/architecture-rules.ts';
import { readSources, type SourceFile, type SourceTree } from './support/source-files.ts';

const root = join(import.meta.dirname, '..');
const paths = globSync(['main.ts', '{contract,charts,imports,server,test,bench,scripts,examples}/**/*.ts'], {
  cwd: root,
  // of examples/composed, once it is installed
  exclude: ['**/node_modules'],
});
const ours = Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));

type Rule = (files: readonly SourceFile[]) => readonly string[];

const lines = (count: number) => '// a line\n'.repeat(count);
const longFunction = (count: number) => `export function long(): void {\n${'  a();\n'.repeat(count - 2)}}\n`;

/** Made-up sources that break one rule, and how the complaint begins. */
const broken: readonly (readonly [string, Rule, SourceTree, RegExp])[] = [
  ['contract imports a package', crossings, { 'contract/a.ts': "import 'cdk8s';" }, /must not import cdk8s/],
  ['contract imports Node', crossings, { 'contract/a.ts': "import 'node:fs';" }, /must not import node:fs/],
  ['contract imports server', crossings, { 'contract/a.ts': "import '../server/core/a.ts';" }, /server\/core\/a\.ts/],
  ['charts import server', crossings, { 'charts/a.ts': "import type { A } from '../server/a.ts';" }, /server\/a\.ts/],
  ['charts read files', crossings, { 'charts/a.ts': "import 'node:fs';" }, /reads no files/],
  ['main.ts imports server', crossings, { 'main.ts': "import './server/app.ts';" }, /^main\.ts must not/],
  [
    'core imports a value of the contract',
    crossings,
    { 'server/core/a.ts': "import { a } from '../../contract/a.ts';" },
    /pure/,
  ],
  ['core imports a type of a port', crossings, { 'server/core/a.ts': "import type { A } from '../ports.ts';" }, /pure/],
  ['core imports Node', crossings, { 'server/core/a.ts': "import { join } from 'node:path';" }, /pure/],
  ['ports import a value', crossings, { 'server/ports.ts': "import { a } from './core/types.ts';" }, /interfaces only/],
  ['ports export a value', crossings, { 'server/ports.ts': "export { a } from './core/types.ts';" }, /interfaces only/],
  ['the pipeline imports an adapter', crossings, { 'server/pipeline.ts': "import './io/log.ts';" }, /as a port/],
  ['the pipeline imports an adapter late', crossings, { 'server/pipeline.ts': "await import('./io/log.ts');" }, /port/],
  ['the pipeline imports koa', crossings, { 'server/pipeline.ts': "import type Koa from 'koa';" }, /import koa/],
  ['http imports an adapter', crossings, { 'server/http/a.ts': "import type { A } from '../io/a.ts';" }, /as ports/],
  ['http imports another package', crossings, { 'server/http/a.ts': "import 'prom-client';" }, /prom-client/],
  ['io imports http', crossings, { 'server/io/a.ts': "import '../http/a.ts';" }, /knows nothing of requests/],
  ['io imports koa', crossings, { 'server/io/kube/a.ts': "import 'koa';" }, /knows nothing of requests/],
  ['io imports the pipeline', crossings, { 'server/io/a.ts': "import '../pipeline.ts';" }, /server\/pipeline\.ts/],
  ['the app imports an adapter', crossings, { 'server/app.ts': "import './io/a.ts';" }, /order/],
  ['server imports charts', crossings, { 'server/main.ts': "import '../charts/a.ts';" }, /charts\/a\.ts/],
  ['server imports a part of cdk8s', crossings, { 'server/a.ts': "import 'cdk8s-plus-27/lib/a';" }, /cdk8s-plus-27:/],
  ['server imports a test', crossings, { 'server/io/a.ts': "import '../../test/support/a.ts';" }, /test\/support/],
  ['a file is in no part of the tree', crossings, { 'lib/a.ts': '' }, /add a wall/],
  [
    'core reads the environment',
    processUses,
    { 'server/core/a.ts': 'const a = process.env.A;' },
    /^server\/core\/a\.ts:1/,
  ],
  [
    'io takes the process apart',
    processUses,
    { 'server/io/a.ts': '\nconst { env } = process;' },
    /^server\/io\/a\.ts:2/,
  ],
  ['io goes by way of globalThis', processUses, { 'server/io/a.ts': 'globalThis.process.exit();' }, /argument/],
  ['io imports the process', processUses, { 'server/io/a.ts': "import { argv } from 'node:process';" }, /argument/],
  [
    'three files import in a circle',
    cycles,
    {
      'contract/a.ts': "import './b.ts';",
      'contract/b.ts': "import './c.ts';",
      'contract/c.ts': "export * from './a.ts';",
    },
    /^contract\/a\.ts -> contract\/b\.ts -> contract\/c\.ts -> contract\/a\.ts is a circle/,
  ],
  ['a file has 251 lines', oversizes, { 'server/io/a.ts': lines(251) }, /has 251 lines, at most 250/],
  ['a test has 251 lines', oversizes, { 'test/a.test.ts': lines(251) }, /has 251 lines, at most 250/],
  ['server/main.ts has 81 lines', oversizes, { 'server/main.ts': lines(81) }, /has 81 lines, at most 80/],
  [
    'a function has 41 lines',
    oversizes,
    { 'server/a.ts': `\n${longFunction(41)}` },
    /^server\/a\.ts:2 long has 41 lines of its own/,
  ],
  [
    'a method has 41 lines',
    oversizes,
    { 'charts/a.ts': `class A {\n  m() {${lines(39)}\n  }\n}` },
    /:2 m has 41 lines of its own/,
  ],
  ['a function has 4 parameters', oversizes, { 'server/a.ts': 'const f = (a, b, c, d) => a;' }, /f has 4 parameters/],
  ['most functions have 10 lines', longMedian, { 'server/a.ts': longFunction(10).repeat(3) }, /have 10 lines or more/],
];

/** Made-up sources that come near to breaking a rule and do not. */
const sound: SourceTree = {
  'contract/a.ts': "import './b.ts';",
  'contract/b.ts': lines(250),
  'contract/flags.ts': lines(1000),
  'charts/a.ts': `import { Chart } from 'cdk8s'; import '../contract/a.ts'; import '../imports/k8s.ts'; ${longFunction(40)}`,
  'imports/k8s.ts': lines(5000),
  'main.ts': "import './charts/a.ts'; import a from './package.json' with { type: 'json' }; process.exit(1);",
  'server/core/a.ts': "import type { A } from '../../contract/a.ts'; import { type B } from '../../contract/b.ts';",
  'server/ports.ts': "import type { A } from './core/a.ts'; export type { B } from './core/a.ts';",
  'server/pipeline.ts': "import './core/a.ts'; import type { Log } from './ports.ts'; type A = import('./ports.ts').A;",
  'server/http/a.ts': "import Koa from 'koa'; import '../pipeline.ts'; child.process.exit(); const a = 'process.env';",
  'server/io/a.ts': "import 'node:fs'; import '@kubernetes/client-node'; import '../ports.ts'; // process.env",
  'server/io/factory.ts': `function create() {\n${longFunction(40).slice(7).repeat(5)}}`,
  'server/app.ts': "import './http/a.ts';",
  'server/main.ts': "import './app.ts'; import './io/a.ts'; import 'node:http'; process.on('SIGTERM', () => {});",
  'test/a.test.ts': `import '../server/main.ts'; import 'fast-check'; process.exit(); ${longFunction(200)}`,
};

const [files = [], soundFiles = [], ...brokenFiles] = readSources([ours, sound, ...broken.map(([, , texts]) => texts)]);

for (const [name, rule] of [
  ['imports go in the directions of docs/architecture.md', crossings],
  ['only main.ts files touch the process', processUses],
  ['imports form no circles', cycles],
  ['files and functions are small', oversizes],
  ['functions are short on the whole', longMedian],
] as const) {
  test(name, () => assert.equal(rule(files).join('\n'), ''));
}

test('the sources are there to be judged', () => {
  assert.ok(files.some(({ path }) => path === 'contract/flags.ts'));
  assert.ok(files.flatMap(({ functions }) => functions).length > 50);
});

for (const [at, [name, rule, , complaint]] of broken.entries()) {
  test(`it is noticed when ${name}`, () => {
    const found = rule(brokenFiles[at] ?? []);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', complaint);
  });
}

test('sources that keep the rules are left in peace', () => {
  assert.deepEqual(
    [crossings, processUses, cycles, oversizes].flatMap((rule) => rule(soundFiles)),
    [],
  );
});
