import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { importsOf, packageOf } from './imports-of.ts';

/** One workspace package: what it declares and what its sources really import. */
export interface PackageNode {
  readonly name: string;
  readonly folder: string;
  readonly declared: ReadonlySet<string>;
  /** Own packages imported by sources that are not tests. */
  readonly imported: ReadonlySet<string>;
  /** `file imports name` for every import that package.json does not declare, or that enters another folder; tests included. */
  readonly undeclared: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

/** Reads `packages/*` below a root folder, in the order of their names. */
export function readPackages(root: string): PackageNode[] {
  const tools = Object.keys(readManifest(join(root, 'package.json')).devDependencies ?? {});
  const folders = globSync('packages/*/package.json', { cwd: root }).map((path) => path.split(/[\\/]/)[1] ?? '');
  return folders.sort().map((folder) => readPackage(root, folder, new Set(tools)));
}

function readPackage(root: string, folder: string, tools: ReadonlySet<string>): PackageNode {
  const manifest = readManifest(join(root, 'packages', folder, 'package.json'));
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }));
  const imported = new Set<string>();
  const undeclared: string[] = [];
  for (const file of globSync(`packages/${folder}/src/**/*.{ts,tsx}`, { cwd: root }).sort()) {
    const isTest = file.endsWith('.test.ts');
    const specifiers = importsOf(readFileSync(join(root, file), 'utf8'));
    undeclared.push(...specifiers.filter((path) => entersAnother(file, path)).map((path) => `${file} imports ${path}`));
    for (const name of specifiers.map(packageOf)) {
      if (name === undefined || name === manifest.name || (isTest && tools.has(name))) continue;
      if (!declared.has(name)) undeclared.push(`${file} imports ${name}`);
      else if (!isTest) imported.add(name);
    }
  }
  return { name: manifest.name, folder, declared, imported, undeclared };
}

/** True where a relative path leads from a file of one package into the folder of another. */
function entersAnother(file: string, path: string): boolean {
  const [, own, ...rest] = file.split('/');
  const target = posix.join('packages', own ?? '', ...rest.slice(0, -1), path).split('/');
  return path.startsWith('.') && target[0] === 'packages' && target[1] !== own;
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

/** The own packages that `node` stands on, by folder: without what another of them already brings. */
export function directNeeds(node: PackageNode, all: readonly PackageNode[]): PackageNode[] {
  const needs = all.filter(({ name }) => node.imported.has(name));
  return needs.filter((need) => !needs.some((other) => other !== need && reaches(other, need, all)));
}

/** True where `from` imports `to`, itself or through others. */
export function reaches(from: PackageNode, to: PackageNode, all: readonly PackageNode[]): boolean {
  const seen = new Set<PackageNode>();
  const next = [from];
  for (let node = next.pop(); node; node = next.pop()) {
    const { imported } = node;
    for (const need of all.filter(({ name }) => imported.has(name) && name !== node?.name)) {
      if (need === to) return true;
      if (!seen.has(need)) next.push(need);
      seen.add(need);
    }
  }
  return false;
}

/** Breaches of direction: undeclared imports, and packages that reach themselves. */
export function directionProblems(all: readonly PackageNode[]): string[] {
  const circular = all
    .filter((node) => reaches(node, node, all))
    .map(({ name }) => `${name} imports itself in a circle`);
  return [...all.flatMap(({ undeclared }) => undeclared), ...circular];
}
