/** Renders the block of docs/performance.md on the production tree, from the bill of materials that the build wrote. */
import { existsSync, readFileSync } from 'node:fs';
import { loadedWhen, productionPackages } from './production-packages.ts';
import { type Component, nameOf, propertiesOf, type Sbom, sbomPath } from './sbom.ts';

/** Reads the bill of materials. @throws Error when there is none yet */
export function readSbom(): Sbom {
  if (!existsSync(sbomPath)) throw new Error(`${sbomPath} is missing: npm run build`);
  return JSON.parse(readFileSync(sbomPath, 'utf8')) as Sbom;
}

/** Returns what is wrong with the table of reasons for these packages, and of the times when files are loaded. */
export function tableFaults({ components }: Sbom): readonly string[] {
  const names = new Set(components.map(nameOf));
  const files = new Set(components.flatMap((each) => propertiesOf(each, 'file')));
  const table = 'scripts/production-packages.ts';
  return [
    ...[...names]
      .filter((name) => productionPackages[name] === undefined)
      .map(
        (name) => `${name} is in the server's bundle without a reason: say in ${table} what it is for, or keep it out`,
      ),
    ...Object.keys(productionPackages)
      .filter((name) => !names.has(name))
      .map((name) => `${name} is not in the server's bundle any more: take its row out of ${table}`),
    ...[...files]
      .filter((file) => loadedWhen[file] === undefined)
      .map((file) => `packages are in ${file}, and loadedWhen in ${table} does not say when that is loaded`),
    ...Object.keys(loadedWhen)
      .filter((file) => !files.has(file))
      .map((file) => `no package is in ${file} any more: take it out of loadedWhen in ${table}`),
  ];
}

/** Returns the block. Sizes are rounded up to whole kB, so that they change only with something of weight. */
export function productionBlock(sbom: Sbom = readSbom()): string {
  const order = Object.keys(productionPackages);
  const rank = (component: Component) => order.indexOf(nameOf(component));
  const sorted = sbom.components.toSorted((a, b) => rank(a) - rank(b));
  const rows = sorted.map((component) => {
    const [{ license }] = component.licenses;
    const files = propertiesOf(component, 'file').join(', ');
    return row([
      nameOf(component),
      component.version,
      license.id,
      kilobytes([component]),
      files,
      productionPackages[nameOf(component)] ?? '',
    ]);
  });
  return `${sums(sorted)}\n${table(['package', 'version', 'licence', 'kB', 'in', 'what for'], rows)}`;
}

function sums(components: readonly Component[]): string {
  const rows = Object.entries(loadedWhen).map(([file, when]) => {
    const those = components.filter((each) => propertiesOf(each, 'file').includes(file));
    return row([file, when, String(those.length), kilobytes(those)]);
  });
  return table(
    ['file', 'loaded', 'packages', 'kB'],
    [...rows, row(['all', '', String(components.length), kilobytes(components)])],
  );
}

function table(head: readonly string[], rows: readonly string[]): string {
  const line = head.map((name) => (['kB', 'packages'].includes(name) ? '--:' : '---'));
  return [row(head), row(line), ...rows, ''].join('\n');
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function kilobytes(components: readonly Component[]): string {
  const bytes = components.reduce((sum, each) => sum + Number(propertiesOf(each, 'bytes')[0]), 0);
  return String(Math.ceil(bytes / 1000));
}
