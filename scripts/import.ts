/** Makes imports/*.ts of the CRDs beside them, by `cdk8s import`. `npm run import`, or into another folder for a test. */
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

process.chdir(dirname(import.meta.dirname));
const target = process.argv[2] ?? 'imports';
// an import of several files that share a group overwrites all but the last, so they are made one file
const folder = mkdtempSync(join(tmpdir(), 'imports-'));
try {
  const crds = globSync('imports/*.crd.yaml').sort();
  const all = join(folder, 'all.yaml');
  writeFileSync(all, crds.map((path) => readFileSync(path, 'utf8')).join('---\n'));
  execFileSync(
    process.execPath,
    ['node_modules/.bin/cdk8s', 'import', all, '-l', 'typescript', '-o', folder, '--check-upgrade=false'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.ts'))) {
    writeFileSync(join(target, name), typesApart(readFileSync(join(folder, name), 'utf8')));
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Returns the source with imports of types marked as such: Node strips types and would look for these at run time. */
function typesApart(source: string): string {
  return source
    .replace(/^import \{ (ApiObject), (ApiObjectMetadata, GroupVersionKind) \} from 'cdk8s';$/m, (_, value, types) =>
      [`import { ${value} } from 'cdk8s';`, `import type { ${types} } from 'cdk8s';`].join('\n'),
    )
    .replace(/^import \{ Construct \} from 'constructs';$/m, "import type { Construct } from 'constructs';");
}
