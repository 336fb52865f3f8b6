import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
export function replaceSection(text: string, name: string, body: string): string {
  const section = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`);
  return text.replace(section, (_, start: string, end: string) => `${start}\n${body}\n${end}`);
}

/** Writes a generated file; with `--check` on the command line only says whether it is stale. */
export function keepGenerated(file: string, write: (old: string) => string): void {
  const path = join(ROOT, file);
  const old = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const next = write(old);
  if (next === old) return;
  if (process.argv.includes('--check')) {
    console.error(`${file} is stale: npm run draw`);
    process.exitCode = 1;
  } else writeFileSync(path, next);
}
