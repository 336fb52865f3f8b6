// Writes docs/errors.md from the table of error codes; --check only says whether it is stale. Names codes that no source uses.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '@vesalius/errors';
import { keepGenerated } from './generated-file.ts';
import { ROOT } from './root.ts';

const rows = Object.entries(ERROR_CODES).map(
  ([code, { exitStatus, meaning }]) => `| \`${code}\` | ${exitStatus} | ${meaning} |`,
);
const page = `# Errors

Every error names a code, what is wrong, what was got, what was expected and the file concerned, in one line. The command line ends
with the exit status of the code; 0 is success, 1 a defect of the program itself. Written by \`npm run draw\` from
\`packages/errors/src/error-codes.ts\`.

| code | exit status | meaning |
|---|---|---|
${rows.join('\n')}
`;
keepGenerated('docs/errors.md', () => page);

const sources = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: ROOT }).filter(
  (file) => !/\.test\.ts$|error-codes\.ts$/.test(file),
);
const text = sources.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
const unused = Object.keys(ERROR_CODES).filter((code) => !text.includes(`'${code}'`));
if (unused.length > 0) console.error(`no source uses: ${unused.join(', ')}`);
