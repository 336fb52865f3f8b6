import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { packageOf } from '../tools/imports-of.ts';
import { ROOT } from '../tools/root.ts';

/** `import` or `export` of names (undefined: of everything) from another module; types are left out, they decide nothing. */
interface Reference {
  readonly exported: boolean;
  /** By the name outside: the name in the module it comes from. */
  readonly names?: ReadonlyMap<string, string>;
  /** `* as name` */
  readonly namespace?: string;
  readonly from: string;
}

const STATEMENT = /^(import|export)\s+(type\s+)?(?:([\w$*{},\s]+?)\s+from\s+)?['"]([^'"]+)['"];?/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/**
 * The files that decide what some modules do: themselves and whatever they import, and of a package's door only what lies behind the names
 * that are asked of it. Of packages that are installed the `package.json`, which holds their version.
 *
 * @param entries - from the repository's root
 * @returns paths from the repository's root, by name
 * @throws FILE_NOT_FOUND for an import that leads nowhere
 */
export function importClosure(entries: readonly string[]): string[] {
  const found = new Set<string>();
  for (const entry of entries) addWhole(entry, found);
  return [...found].sort();
}

/** The file, and all that it imports. */
function addWhole(file: string, found: Set<string>): void {
  if (found.has(file)) return;
  found.add(file);
  if (file.endsWith('package.json')) return;
  for (const { from, names } of referencesOf(file)) {
    for (const target of targetsOf(from, file)) {
      if (!names || target.endsWith('package.json')) addWhole(target, found);
      else for (const name of names.values()) addName(target, name, found);
    }
  }
}

/** What one name of a module is made of: the whole module, but of a door only the module behind it. */
function addName(file: string, name: string, found: Set<string>): void {
  const [target, inner] = isDoor(file) ? originOf(file, name) : [file];
  if (inner === undefined) addWhole(target, found);
  else addName(target, inner, found);
}

function originOf(file: string, name: string): [string, string | undefined] {
  for (const { names, namespace, from } of referencesOf(file)) {
    const [target = ''] = targetsOf(from, file);
    if (names?.has(name)) return [target, names.get(name)];
    if (namespace === name) return [target, undefined];
    if (!names && !namespace && gives(target, name)) return [target, name];
  }
  throw new VesaliusError('FILE_NOT_FOUND', { what: `where ${name} comes from`, file });
}

function gives(file: string, name: string): boolean {
  const declared = new RegExp(
    `^export (?:async )?(?:function\\*?|const|let|class) ${name.replaceAll('$', '\\$')}\\b`,
    'm',
  );
  if (declared.test(textOf(file))) return true;
  return referencesOf(file).some(
    ({ exported, names, namespace, from }) =>
      exported &&
      (names?.has(name) ||
        namespace === name ||
        (!names && !namespace && gives(targetsOf(from, file)[0] as string, name))),
  );
}

/** A module that does nothing but export from others. */
function isDoor(file: string): boolean {
  return textOf(file).replace(STATEMENT, '').trim() === '' && referencesOf(file).every(({ exported }) => exported);
}

function referencesOf(file: string): Reference[] {
  const source = textOf(file);
  const listed = [...source.matchAll(STATEMENT)].flatMap(([, kind, type, clause = '*', from = '']) => {
    if (type) return [];
    const exported = kind === 'export';
    const namespace = /^\*\s+as\s+([\w$]+)$/.exec(clause)?.[1];
    if (!clause.startsWith('{')) return [{ exported, from, ...(namespace && { namespace }) }];
    const names = namesOf(clause);
    return names.size > 0 ? [{ exported, from, names }] : [];
  });
  const dynamic = [...source.matchAll(DYNAMIC)].map(([, from = '']) => ({ exported: false, from }));
  return [...listed, ...dynamic];
}

function namesOf(clause: string): Map<string, string> {
  const parts = clause
    .replace(/[{}]/g, '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !part.startsWith('type '));
  return new Map(
    parts.map((part) => {
      const [inner = '', outer = inner] = part.split(/\s+as\s+/);
      return [outer, inner];
    }),
  );
}

/** The files that a specifier stands for: several where a package has one for each place that it runs in. */
function targetsOf(specifier: string, file: string): string[] {
  if (specifier.startsWith('node:')) return [];
  if (specifier.startsWith('.')) return [existing(join(dirname(file), specifier), file)];
  if (specifier.startsWith('#')) {
    const imports = Object.values(packageJson(file).imports?.[specifier] ?? {});
    return imports.map((name) => existing(join('node_modules', packageOf(name) ?? name, 'package.json'), file));
  }
  const name = packageOf(specifier) ?? specifier;
  if (!name.startsWith('@vesalius/')) return [existing(join('node_modules', name, 'package.json'), file)];
  const folder = join('packages', name.slice('@vesalius/'.length));
  const door = packageJson(join(folder, 'src/index.ts')).exports?.[`.${specifier.slice(name.length)}`];
  return [existing(join(folder, door ?? specifier), file)];
}

interface PackageJson {
  readonly exports?: Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

function packageJson(file: string): PackageJson {
  const [folder = ''] = /^packages\/[^/]+/.exec(relative('.', file)) ?? [];
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as PackageJson;
}

function existing(path: string, file: string): string {
  if (existsSync(join(ROOT, path))) return path;
  throw new VesaliusError('FILE_NOT_FOUND', { what: `import of ${path}`, file });
}

const texts = new Map<string, string>();

function textOf(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(join(ROOT, file), 'utf8').replace(COMMENT, '');
  texts.set(file, text);
  return text;
}
