/** The program behind source-files.ts: trees of sources as JSON on stdin -> what their files hold as JSON on stdout. */
import { readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Identifier,
  isExportDeclaration,
  isFunctionLikeDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportTypeNode,
  isNamedImports,
  isPropertyAccessExpression,
  isStringLiteral,
  type Node,
  type SourceFile as Tree,
} from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';
import type { Import, SourceFile, SourceTree } from './source-files.ts';

writeSync(1, JSON.stringify(parse(JSON.parse(readFileSync(0, 'utf8')))));

/** Returns what the files hold; each tree is a folder in a file system that exists only here. */
function parse(trees: readonly SourceTree[]): readonly (readonly SourceFile[])[] {
  const texts = trees.flatMap((tree, at) =>
    Object.entries(tree).map(([path, text]) => [`/${at}/${path}`, text] as const),
  );
  const compilerOptions = { noResolve: true, noLib: true, types: [], allowImportingTsExtensions: true, noEmit: true };
  const config = JSON.stringify({ compilerOptions, files: texts.map(([path]) => path) });
  const api = new API({
    cwd: '/',
    fs: createVirtualFileSystem({ ...Object.fromEntries(texts), '/tsconfig.json': config }),
  });
  try {
    const [project] = api.updateSnapshot({ openProjects: ['/tsconfig.json'] }).getProjects();
    return trees.map((tree, at) =>
      Object.keys(tree).map((path) => describe(path, project?.program.getSourceFile(`/${at}/${path}`))),
    );
  } finally {
    api.close();
  }
}

function describe(path: string, tree: Tree | undefined): SourceFile {
  if (!tree) throw new Error(`TypeScript has not read ${path}`);
  const nodes = descendants(tree);
  const line = (position: number) => tree.getLineAndCharacterOfPosition(position).line + 1;
  const extent = (node: Node) => line(node.getEnd()) - line(node.getStart(tree)) + 1;
  const inside = (node: Node) => functions.filter((inner) => holder(inner, functions) === node);
  const functions = nodes.filter(isFunctionLikeDeclaration).filter((node) => 'body' in node && node.body);
  return {
    path,
    lines: tree.text.trimEnd().split('\n').length,
    imports: tree.imports.map((specifier) => readImport(path, specifier)),
    functions: functions.map((node) => ({
      name: nameOf(node),
      line: line(node.getStart(tree)),
      lines: extent(node) - sum(inside(node).map((inner) => extent(inner) - 1)),
      parameters: node.parameters.length,
    })),
    processLines: nodes.filter(isProcess).map((node) => line(node.getStart(tree))),
  };
}

/** Returns the innermost of the functions that the node is in. */
function holder(node: Node, functions: readonly Node[]): Node | undefined {
  for (let outer = node.parent; outer; outer = outer.parent) if (functions.includes(outer)) return outer;
  return undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function descendants(node: Node): readonly Node[] {
  const found: Node[] = [];
  const visit = (child: Node): void => {
    found.push(child);
    child.forEachChild(visit);
  };
  node.forEachChild(visit);
  return found;
}

function readImport(path: string, specifier: Node): Import {
  const name = isStringLiteral(specifier) ? specifier.text : specifier.getText();
  const target = name.startsWith('.') ? join(dirname(path), name) : packageName(name);
  return { target, isTypeOnly: isTypeOnly(specifier.parent) };
}

function packageName(specifier: string): string {
  const parts = specifier.split('/');
  if (specifier.startsWith('node:')) return specifier;
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function isTypeOnly(declaration: Node): boolean {
  if (isExportDeclaration(declaration)) return declaration.isTypeOnly;
  if (!isImportDeclaration(declaration)) return isImportTypeNode(declaration.parent);
  const clause = declaration.importClause;
  const names = clause?.namedBindings;
  const areAllTypes = names && isNamedImports(names) && names.elements.every((element) => element.isTypeOnly);
  return clause?.phaseModifier !== undefined || (areAllTypes === true && !clause?.name);
}

/** Says whether the node speaks of Node's global, not of a property that happens to have its name. */
function isProcess(node: Node): node is Identifier {
  if (!isIdentifier(node) || node.text !== 'process') return false;
  const { parent } = node;
  return !(isPropertyAccessExpression(parent) && parent.name === node && parent.expression.getText() !== 'globalThis');
}

/** Returns the function's own name, or that of what it is assigned to or passed to. */
function nameOf(node: Node): string {
  for (const holder of [node, node.parent]) {
    const { name } = holder as { name?: Node };
    if (name) return name.getText();
  }
  return 'an arrow function';
}
