// `npm run figures`: measures every figure, then writes README's table from bench/results/. --table only writes it, --check only
// says whether it is stale and whether goals.json is sound.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepGenerated, replaceSection } from '../tools/generated-file.ts';
import { ROOT } from '../tools/root.ts';
import type { StoredFigure } from './figure-result.ts';
import { figuresTable } from './figures-table.ts';
import { goalProblems, readGoals } from './goals.ts';

const goals = readGoals();
for (const problem of goalProblems(goals)) {
  console.error(problem);
  process.exitCode = 1;
}
if (!process.argv.includes('--check') && !process.argv.includes('--table')) measureAll();
keepGenerated('README.md', (text) => replaceSection(text, 'figures', figuresTable(goals, storedFigures())));

function measureAll(): void {
  for (const { id } of goals) {
    const { status } = spawnSync(process.execPath, [join(ROOT, 'bench/figure.ts'), id], {
      cwd: ROOT,
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
  }
}

function storedFigures(): Map<string, StoredFigure> {
  const paths = goals
    .map(({ id }) => join(ROOT, `bench/results/${id.toLowerCase()}.json`))
    .filter((path) => existsSync(path));
  return new Map(
    paths.map((path) => JSON.parse(readFileSync(path, 'utf8')) as StoredFigure).map((each) => [each.id, each]),
  );
}
