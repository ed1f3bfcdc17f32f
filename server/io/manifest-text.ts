/** IO: decodes the text of one manifest file, YAML or JSON. Reads no files and decides no precedence between files. */
import { type Document, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { identityConfigMap } from '../../contract/access.ts';
import { type ConfigMapEntry, decodeConfigMapIdentities } from '../core/config-map.ts';
import { isObject } from '../core/json.ts';
import type { SurvivedFaultCode } from '../core/survived-faults.ts';
import type { Annotations, JsonObject } from '../core/types.ts';
import type { FollowedFault } from './fault-report.ts';
import { messageOf } from './system-error.ts';

/** A service account in a manifest. */
export interface ManifestAccount {
  readonly key: string;
  /** `file:line`, for faults. */
  readonly where: string;
  readonly annotations: Annotations;
}

/** The ConfigMap of identities in a manifest. */
export interface ManifestConfigMap {
  readonly key: string;
  readonly where: string;
  readonly entries: readonly ConfigMapEntry[];
}

/** What one file holds. */
export interface ManifestFile {
  readonly accounts: readonly ManifestAccount[];
  readonly configMaps: readonly ManifestConfigMap[];
  readonly faults: readonly FollowedFault[];
  /** `file:line: kind` of the manifests of other kinds. */
  readonly ignored: readonly string[];
}

/** Returns what the file's text holds: all manifests that are good, and a fault for each that is not. Never throws. */
export function decodeManifests(file: string, text: string): ManifestFile {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, logLevel: 'error' } as const;
  const documents = parseAllDocuments(text, options);
  return join(Array.from(documents, (document) => decodeDocument(document as Document, { file, lines })));
}

interface Source {
  readonly file: string;
  readonly lines: LineCounter;
}

const nothing: ManifestFile = { accounts: [], configMaps: [], faults: [], ignored: [] };

function join(parts: readonly ManifestFile[]): ManifestFile {
  return {
    accounts: parts.flatMap(({ accounts }) => accounts),
    configMaps: parts.flatMap(({ configMaps }) => configMaps),
    faults: parts.flatMap(({ faults }) => faults),
    ignored: parts.flatMap(({ ignored }) => ignored),
  };
}

function fault(where: string, code: SurvivedFaultCode, reason: string): ManifestFile {
  return { ...nothing, faults: [{ code, message: `${where}: ${reason}` }] };
}

function decodeDocument(document: Document, source: Source): ManifestFile {
  const [error] = document.errors;
  if (error) {
    const where = `${source.file}:${source.lines.linePos(error.pos[0]).line}`;
    return fault(where, 'manifest-not-yaml', `not YAML (${unquoted(error)}); correct it`);
  }
  const root = tryValue(document);
  if ('failure' in root) return fault(lineOf(document.contents, source), 'manifest-not-yaml', root.failure);
  return decodeValue(root.value, { document, source, path: [] });
}

/** Aliases may unfold to more than fits in memory, which the parser refuses. */
function tryValue(document: Document): { readonly value: unknown } | { readonly failure: string } {
  try {
    return { value: document.toJS() };
  } catch (error) {
    return { failure: `not usable (${unquoted(error)}); write it without aliases` };
  }
}

/** The parser's messages quote the text after a colon. It is dropped: it may come from a Secret in the same file. */
function unquoted(error: unknown): string {
  return messageOf(error).replace(/: .*/s, '');
}

interface Place {
  readonly document: Document;
  readonly source: Source;
  readonly path: readonly (string | number)[];
}

function lineOf(node: unknown, { file, lines }: Source): string {
  const range = (node as Node | null | undefined)?.range;
  return range ? `${file}:${lines.linePos(range[0]).line}` : file;
}

function whereOf({ document, source, path }: Place): string {
  return lineOf(document.getIn(path, true), source);
}

function decodeValue(value: unknown, place: Place): ManifestFile {
  if (value === null) return nothing;
  const where = whereOf(place);
  if (!isObject(value))
    return fault(where, 'manifest-bad-object', 'not an object; a manifest has apiVersion, kind, metadata');
  const { apiVersion, kind } = value;
  for (const [field, content] of Object.entries({ apiVersion, kind })) {
    if (typeof content !== 'string') return fault(where, 'manifest-bad-object', `${field} must be a string; write it`);
  }
  if (apiVersion === 'v1' && kind === 'List') return decodeList(value, place);
  if (apiVersion === 'v1' && kind === 'ServiceAccount') return decodeNamed(value, place, decodeAccount);
  if (apiVersion === 'v1' && kind === 'ConfigMap') return decodeNamed(value, place, decodeConfigMap);
  return { ...nothing, ignored: [`${where}: ${kind}`] };
}

function decodeList({ items }: JsonObject, place: Place): ManifestFile {
  if (!Array.isArray(items))
    return fault(whereOf(place), 'manifest-bad-object', 'items of a List must be a list; write it');
  return join(items.map((item, i) => decodeValue(item, { ...place, path: [...place.path, 'items', i] })));
}

interface Named {
  readonly key: string;
  readonly name: string;
  readonly where: string;
  readonly metadata: JsonObject;
  readonly value: JsonObject;
}

function decodeNamed(
  value: JsonObject,
  place: Place,
  decode: (named: Named, place: Place) => ManifestFile,
): ManifestFile {
  const where = whereOf(place);
  const metadata = isObject(value.metadata) ? value.metadata : {};
  const { name, namespace = 'default' } = metadata;
  for (const [field, content] of Object.entries({ name, namespace })) {
    if (typeof content === 'string' && content !== '') continue;
    return fault(where, 'manifest-bad-object', `metadata.${field} of this ${value.kind} must be a string; write it`);
  }
  return decode({ key: `${namespace}/${name}`, name: String(name), where, metadata, value }, place);
}

function decodeAccount({ key, where, metadata }: Named, place: Place): ManifestFile {
  const annotations = metadata.annotations ?? {};
  const bad = isObject(annotations)
    ? Object.keys(annotations).find((name) => typeof annotations[name] !== 'string')
    : undefined;
  if (isObject(annotations) && bad === undefined) {
    return { ...nothing, accounts: [{ key, where, annotations: annotations as Annotations }] };
  }
  const path = [...place.path, 'metadata', 'annotations', ...(bad === undefined ? [] : [bad])];
  const what = bad === undefined ? 'metadata.annotations must be an object' : `annotation ${bad} must be a string`;
  return fault(
    whereOf({ ...place, path }),
    'manifest-bad-annotation',
    `${what} (ServiceAccount ${key}); quote its value`,
  );
}

function decodeConfigMap({ key, name, where, value }: Named, place: Place): ManifestFile {
  if (name !== identityConfigMap) return { ...nothing, ignored: [`${where}: ConfigMap ${key}`] };
  const config = isObject(value.data) ? value.data.config : undefined;
  if (typeof config !== 'string') {
    return fault(where, 'manifest-bad-object', `data.config of ConfigMap ${key} must be a string with JSON; write it`);
  }
  const { entries, faults } = decodeConfigMapIdentities(config);
  const line = whereOf({ ...place, path: [...place.path, 'data', 'config'] });
  const named = faults.map(({ code, message }) => ({ code, message: `${line}: ${message}` }));
  return { ...nothing, configMaps: [{ key, where, entries }], faults: named };
}
