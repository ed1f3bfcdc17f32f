/** Reads the report of `npm audit --json` for the packages of the bundle. Asks nobody. */

/** An advisory on a package of the bundle. */
export interface Finding {
  readonly name: string;
  readonly version: string;
  readonly severity: string;
  readonly title: string;
  readonly url: string;
  /** The versions that it is about. */
  readonly range: string;
  readonly wayOut: string;
}

/** What is known of a package: its purl in the bill of materials names both. */
export interface Installed {
  readonly name: string;
  readonly version: string;
}

/** What a report says: findings, or why it says nothing. */
export type AuditResult = { readonly findings: readonly Finding[] } | { readonly unknown: string };

interface Report {
  readonly auditReportVersion?: unknown;
  readonly vulnerabilities?: Readonly<Record<string, Vulnerability>>;
  readonly message?: unknown;
  readonly error?: { readonly summary?: unknown };
}

interface Vulnerability {
  readonly name: string;
  /** Advisories on the package itself; names of packages that it is vulnerable by. */
  readonly via: readonly (string | Advisory)[];
  /** Folders where versions of it are installed that are affected. */
  readonly nodes: readonly string[];
  readonly fixAvailable: boolean | { readonly name: string; readonly version: string };
}

interface Advisory {
  readonly title: string;
  readonly url: string;
  readonly severity: string;
  readonly range: string;
}

/**
 * Returns the advisories on packages of the bundle. One that is vulnerable only by another is not named: either the other
 * is in the bundle, and is named itself, or its code is not there.
 * @param output what npm printed
 * @param bundled the packages of the bundle
 * @param versionAt the version that the lockfile has in a folder
 */
export function readAuditReport(
  output: string,
  bundled: readonly Installed[],
  versionAt: (folder: string) => string | undefined,
): AuditResult {
  const report = tryParse(output);
  if (report === undefined)
    return { unknown: `npm audit printed no report: ${output.trim().slice(0, 200) || 'nothing'}` };
  if (report.auditReportVersion !== 2 || report.vulnerabilities === undefined) {
    return {
      unknown: String(report.message ?? report.error?.summary ?? `a report of kind ${report.auditReportVersion}`),
    };
  }
  const findings = Object.values(report.vulnerabilities).flatMap((vulnerability) => {
    const versions = new Set(vulnerability.nodes.map(versionAt));
    const those = bundled.filter(({ name, version }) => name === vulnerability.name && versions.has(version));
    return those.flatMap((each) => findingsOf(each, vulnerability));
  });
  return { findings };
}

/** Returns the text for people: a paragraph for each finding. */
export function findingsText(findings: readonly Finding[]): string {
  const paragraphs = findings.map(({ name, version, severity, title, url, range, wayOut }) => {
    const what = `${name} ${version} is in the server's bundle and has an advisory (${severity}, versions ${range}): ${title}`;
    return `${what}\n  ${url}\n  way out: ${wayOut}\n`;
  });
  return paragraphs.join('');
}

function findingsOf({ name, version }: Installed, { via, fixAvailable }: Vulnerability): readonly Finding[] {
  const wayOut = wayOutOf(fixAvailable);
  return via
    .filter((cause) => typeof cause === 'object')
    .map(({ severity, title, url, range }) => ({ name, version, severity, title, url, range, wayOut }));
}

function wayOutOf(fix: Vulnerability['fixAvailable']): string {
  if (fix === true) return 'npm audit fix';
  if (fix === false)
    return 'no version without it is known: keep what it is about out of the bundle (scripts/lean-bundle.ts)';
  return `npm install --save-dev --save-exact ${fix.name}@${fix.version}`;
}

function tryParse(output: string): Report | undefined {
  try {
    const value: unknown = JSON.parse(output);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
