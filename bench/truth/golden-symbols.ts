import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { goldenFiles } from '../../tools/golden-files.ts';
import { importsOf } from '../../tools/imports-of.ts';
import { readsGolden, symbolOf } from '../../tools/parity-table.ts';
import { ROOT } from '../../tools/root.ts';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** A test that reads answers of an original. */
export interface GoldenTest {
  /** From the repository's root. */
  readonly file: string;
  /** What it compares with. */
  readonly symbols: readonly string[];
  /** Cases in the golden files it reads. */
  readonly cases: number;
}

/** Every test file that reads a golden file, itself or through the code under golden/ it imports. */
export function goldenTests(): GoldenTest[] {
  const golden = goldenFiles().map(({ name, parity, cases }) => ({ name, symbol: symbolOf(parity), cases }));
  const tests = globSync('packages/*/src/**/*.test.ts', { cwd: ROOT }).sort();
  return tests.flatMap((file) => {
    const text = withGoldenCode(file);
    const answers = golden.filter(({ name }) => readsGolden(text, name));
    if (answers.length === 0) return [];
    const symbols = [...new Set(answers.map(({ symbol }) => symbol))];
    return [{ file, symbols, cases: answers.reduce((sum, { cases }) => sum + cases, 0) }];
  });
}

function withGoldenCode(file: string): string {
  const paths = importsOf(read(file)).map((path) => posix.join(posix.dirname(file), path));
  return [file, ...paths.filter((path) => /^golden\/.*\.ts$/.test(path))].map(read).join('\n');
}
