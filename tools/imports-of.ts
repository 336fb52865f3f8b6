const STATIC = /^\s*(?:import|export)\s(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;

/** Every module a source text names in an import, an export-from or a dynamic import with a literal. */
export function importsOf(source: string): string[] {
  const found = [STATIC, DYNAMIC].flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1] ?? ''));
  return [...new Set(found)];
}

/** `@scope/name/deep/file` -> `@scope/name`; undefined for relative paths, Node's own modules and names that a template fills in. */
export function packageOf(specifier: string): string | undefined {
  if (/^[./#$]|^node:|^data:/.test(specifier)) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
