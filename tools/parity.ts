// Writes PARITY.md from the @parity tags and the golden answers; --check only says whether it is stale. A tag without an answer fails.
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { keepGenerated } from './generated-file.ts';
import { goldenFiles } from './golden-files.ts';
import { importsOf } from './imports-of.ts';
import { parityProblems, parityTable, parityTags } from './parity-table.ts';
import { ROOT } from './root.ts';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const files = globSync(['packages/*/src/**/*.ts', 'tests/**/*.test.ts'], { cwd: ROOT }).sort();
const isTest = (file: string) => file.endsWith('.test.ts');

const input = {
  tags: files.filter((file) => !isTest(file)).flatMap((file) => parityTags(read(file), file)),
  golden: goldenFiles(),
  tests: files.filter(isTest).map(readWithGoldenCode),
};

/** A test's text with that of the code under golden/ it imports, which may be what calls `readGolden`. */
function readWithGoldenCode(file: string): string {
  const paths = importsOf(read(file)).map((path) => posix.join(posix.dirname(file), path));
  return [file, ...paths.filter((path) => /^golden\/.*\.ts$/.test(path))].map(read).join('\n');
}

keepGenerated(
  'PARITY.md',
  () => `# Parity

What answers like an original, held by a test that reads the original's answers from \`golden/\` (made by the pinned Python of
\`golden/requirements.txt\`). Tolerance: the largest |got - expected| / max(1, |expected|) the test allows. Written by \`npm run draw\`.

${parityTable(input)}
`,
);
for (const problem of parityProblems(input)) {
  console.error(problem);
  process.exitCode = 1;
}
