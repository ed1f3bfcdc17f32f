/** The bundle's bill of materials in CycloneDX 1.6. The same bundle makes the same text: it has no time and no random number. */
import type { BundledPackage, ProductionTree } from './production-tree.ts';

/** The program that the bundle is. */
export interface Program {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

/** A package as the bill lists it. @see https://cyclonedx.org/docs/1.6/json/ */
export interface Component {
  readonly type: 'library';
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly [{ readonly license: { readonly id: string } }];
  /** Of the tarball that the registry has, as in the lockfile. */
  readonly hashes: readonly Hash[];
  readonly properties: readonly Property[];
}

type Hash = { readonly alg: string; readonly content: string };
type Property = { readonly name: string; readonly value: string };

/** The bill of materials, as far as it is read again. */
export interface Sbom {
  readonly components: readonly Component[];
}

/** Where the build puts it; in the image it is /app/sbom.cdx.json. */
export const sbomPath = 'build/server/sbom.cdx.json';

const base =
  'Node, and what it is linked against, are of the base image and not listed here: ask for the SBOM of the base image';

/** Returns the bill as JSON. */
export function renderSbom(program: Program, { packages, imports }: ProductionTree): string {
  const self = purlOf(program);
  const sbom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': self,
        name: program.name,
        version: program.version,
        description: program.description,
        purl: self,
        licenses: [{ license: { id: program.license } }],
      },
      properties: [{ name: property('base'), value: base }],
    },
    components: packages.map(componentOf),
    dependencies: [
      { ref: self, dependsOn: imports.map(purlOfId) },
      ...packages.map((each) => ({ ref: purlOf(each), dependsOn: each.imports.map(purlOfId) })),
    ],
  };
  return `${JSON.stringify(sbom, null, 2)}\n`;
}

/** Returns a component's property of ours: `bytes`, or `file`, of which there may be several. */
export function propertiesOf({ properties }: Component, name: 'bytes' | 'file'): readonly string[] {
  return properties.filter((each) => each.name === property(name)).map(({ value }) => value);
}

/** Returns the name that npm knows the component by. */
export function nameOf({ group, name }: Component): string {
  return group === undefined ? name : `${group}/${name}`;
}

const property = (name: string): string => `pod-identity-webhook:${name}`;

function componentOf(each: BundledPackage): Component {
  const [group, name] = each.name.startsWith('@') ? each.name.split('/') : [undefined, each.name];
  return {
    type: 'library',
    'bom-ref': purlOf(each),
    ...(group !== undefined && { group }),
    name: name ?? '',
    version: each.version,
    purl: purlOf(each),
    licenses: [{ license: { id: each.license } }],
    hashes: hashesOf(each),
    properties: [
      { name: property('bytes'), value: String(each.bytes) },
      ...each.files.map((value) => ({ name: property('file'), value })),
    ],
  };
}

/** @see https://github.com/package-url/purl-spec/blob/main/types/npm-definition.json */
function purlOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function purlOfId(id: string): string {
  const at = id.lastIndexOf('@');
  return purlOf({ name: id.slice(0, at), version: id.slice(at + 1) });
}

const algorithms: Readonly<Record<string, string>> = {
  sha512: 'SHA-512',
  sha384: 'SHA-384',
  sha256: 'SHA-256',
  sha1: 'SHA-1',
};

/** Returns the lockfile's hashes. @throws Error when there is none, or of a kind that is not known */
function hashesOf({ name, integrity }: BundledPackage): readonly Hash[] {
  return integrity.split(' ').map((hash) => {
    const [kind = '', base64 = ''] = hash.split(/-(.*)/s);
    const alg = algorithms[kind];
    if (alg !== undefined) return { alg, content: Buffer.from(base64, 'base64').toString('hex') };
    const rule = `must be of ${Object.keys(algorithms).join(', ')}`;
    throw new Error(`the integrity of ${name} in package-lock.json is "${hash}"; ${rule}: install it from a registry`);
  });
}
