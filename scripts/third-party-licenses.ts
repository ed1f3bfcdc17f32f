/** The licence texts that must go along with the bundle, as one text. Judges no licence. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundledPackage } from './production-tree.ts';

const isLegal = /^(licen[cs]e|copying|notice|copyrightnotice)(\.|$)/i;

/**
 * Returns the text: each licence once, under the packages that have it word for word.
 * @param root the folder that the packages' folders are in
 */
export function thirdPartyLicenses(packages: readonly BundledPackage[], root = '.'): string {
  const byText = Map.groupBy(packages, (each) => legalText(each, root));
  const parts = [...byText].map(([text, those]) => {
    const names = those.map(({ name, version, license }) => `${name} ${version} (${license})`);
    return `${'='.repeat(80)}\n${names.join('\n')}\n${'-'.repeat(80)}\n\n${text}\n`;
  });
  const head =
    'The bundle beside this file has parts of these packages in it. Node comes with the base image, and with texts of its own.';
  return `${head}\n\n${parts.join('\n')}`;
}

function legalText({ folder, license }: BundledPackage, root: string): string {
  const files = readdirSync(join(root, folder)).filter((name) => isLegal.test(name));
  const texts = files.map((file) =>
    readFileSync(join(root, folder, file), 'utf8')
      .replaceAll('\r\n', '\n')
      .trim(),
  );
  return texts.join('\n\n') || `No text comes with it: its package.json says ${license}.`;
}
