/**
 * `npm run audit`: asks the registry for advisories on all that is installed, and fails on those of packages in the bundle.
 * `npm audit --omit=dev` would look at nothing: what the bundle is made of are development dependencies.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findingsText, readAuditReport } from './audit-report.ts';
import { readSbom } from './production-document.ts';
import { nameOf } from './sbom.ts';

/** Returns the exit code: 0 clean, 1 advisories, 2 not known. */
function audit(): number {
  const bundled = readSbom().components.map((each) => ({ name: nameOf(each), version: each.version }));
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Readonly<Record<string, { version?: string } | undefined>>;
  };
  const { stdout, error } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (error) throw error;
  const result = readAuditReport(stdout, bundled, (folder) => packages[folder]?.version);
  if ('unknown' in result) {
    const wayOut = 'run it where npm reaches a registry that answers for advisories (npm config get registry)';
    process.stderr.write(`npm run audit: not known whether the bundle is clean: ${result.unknown}: ${wayOut}\n`);
    return 2;
  }
  process.stderr.write(findingsText(result.findings));
  if (result.findings.length > 0) return 1;
  process.stdout.write(`${bundled.length} packages are in the server's bundle, none with an advisory\n`);
  return 0;
}

process.chdir(dirname(import.meta.dirname));
try {
  process.exitCode = audit();
} catch (fault) {
  process.stderr.write(`npm run audit: ${fault instanceof Error ? fault.message : fault}\n`);
  process.exitCode = 2;
}
