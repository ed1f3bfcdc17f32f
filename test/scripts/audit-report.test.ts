import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsText, readAuditReport } from '../../scripts/audit-report.ts';

const bundled = [
  { name: 'shelf', version: '1.2.0' },
  { name: '@wood/plank', version: '3.0.0' },
];
const versions: Readonly<Record<string, string>> = {
  'node_modules/shelf': '1.2.0',
  'node_modules/workbench/node_modules/shelf': '0.9.0',
  'node_modules/workbench': '5.0.0',
  'node_modules/@wood/plank': '3.0.0',
};

const advisory = {
  source: 1,
  name: 'shelf',
  dependency: 'shelf',
  title: 'Shelves fall',
  url: 'https://advisories.example/1',
  severity: 'high',
  cwe: [],
  cvss: { score: 7.5, vectorString: null },
  range: '<1.3.0',
};

/** An entry as npm 11 prints it. */
const entry = (name: string, changes: object = {}) => ({
  name,
  severity: 'high',
  isDirect: false,
  via: [advisory],
  effects: [],
  range: '<1.3.0',
  nodes: [`node_modules/${name}`],
  fixAvailable: true,
  ...changes,
});

const read = (...entries: readonly { readonly name: string }[]) => {
  const vulnerabilities = Object.fromEntries(entries.map((each) => [each.name, each]));
  const output = JSON.stringify({ auditReportVersion: 2, vulnerabilities, metadata: {} });
  return readAuditReport(output, bundled, (folder) => versions[folder]);
};

test('an advisory on a package of the bundle is a finding with name, version, advisory and way out', () => {
  const result = read(entry('shelf'));
  assert.ok('findings' in result);
  assert.equal(
    findingsText(result.findings),
    "shelf 1.2.0 is in the server's bundle and has an advisory (high, versions <1.3.0): Shelves fall\n" +
      '  https://advisories.example/1\n  way out: npm audit fix\n',
  );
});

for (const [fixAvailable, wayOut] of [
  [{ name: 'bookcase', version: '4.0.0', isSemVerMajor: true }, /npm install --save-dev --save-exact bookcase@4\.0\.0/],
  [false, /no version without it is known: .*lean-bundle/],
] as const) {
  test(`the way out is what npm knows: ${JSON.stringify(fixAvailable)}`, () => {
    const result = read(entry('@wood/plank', { fixAvailable }));
    assert.ok('findings' in result);
    assert.match(findingsText(result.findings), wayOut);
  });
}

for (const [what, changes] of [
  ['a package that is not in the bundle', { name: 'workbench', nodes: ['node_modules/workbench'] }],
  ['another version than the one in the bundle', { nodes: ['node_modules/workbench/node_modules/shelf'] }],
  ['a package that is vulnerable only by another', { via: ['workbench'] }],
] as const) {
  test(`${what} is no finding`, () => assert.deepEqual(read(entry('shelf', changes)), { findings: [] }));
}

test('each advisory on a package is a finding of its own', () => {
  const result = read(entry('shelf', { via: [advisory, 'workbench', { ...advisory, title: 'Shelves bend' }] }));
  assert.ok('findings' in result);
  assert.deepEqual(
    result.findings.map(({ title }) => title),
    ['Shelves fall', 'Shelves bend'],
  );
});

test('a clean report has no findings', () => assert.deepEqual(read(), { findings: [] }));

for (const [what, output, reason] of [
  ['refuses', '{"message":"405 Method Not Allowed","statusCode":405,"error":{"summary":"","detail":""}}', /^405/],
  ['is away', '{"error":{"code":"ENOAUDIT","summary":"request failed","detail":""}}', /^request failed/],
  ['says nothing', '', /nothing/],
  ['answers with a page', '<html>', /<html>/],
  ['answers in another format', '{"auditReportVersion":3,"vulnerabilities":{}}', /kind 3/],
  ['answers null', 'null', /null/],
] as const) {
  test(`a registry that ${what} makes no clean report`, () => {
    const result = readAuditReport(output, bundled, () => undefined);
    assert.ok('unknown' in result);
    assert.match(result.unknown, reason);
  });
}
