import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GoldenFile } from './parity-table.ts';
import { ROOT } from './root.ts';

/** The answers of a symbol of an original; answers about whole files of the data, kept by the file's name, are none of these. */
export function goldenFiles(): GoldenFile[] {
  return globSync('golden/**/*.json', { cwd: ROOT }).sort().flatMap(readGoldenFile);
}

function readGoldenFile(file: string): GoldenFile[] {
  const { parity, cases, tolerance } = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Partial<{
    parity: string;
    cases: unknown[];
    tolerance: number;
  }>;
  if (parity === undefined || cases === undefined || tolerance === undefined) return [];
  return [{ name: file.replace(/^golden\/|\.json$/g, ''), parity, cases: cases.length, tolerance }];
}
