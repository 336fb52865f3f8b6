import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readJsonFile, writeFileAtomic } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import { parseComparison } from '../comparison/comparison-file.ts';
import { casesCsv, comparisonTable, regionsOfCasesCsv, regionsTable } from '../comparison/comparison-table.ts';
import { summarizeRegions } from '../comparison/region-scores.ts';
import { runComparison } from '../comparison/run-comparison.ts';
import { summarizeComparison } from '../comparison/summarize-comparison.ts';
import { openCheckedDataset } from '../datasets/open-checked-dataset.ts';
import { intervalChart } from '../report/charts/interval-chart.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { COMPARE_OPTIONS } from './compare.ts';

/** Trains what a comparison asks for and writes the table and the picture. */
export async function runCompare(
  { positionals: [path = ''], options }: CommandArguments<typeof COMPARE_OPTIONS>,
  context: CommandContext,
): Promise<void> {
  const file = resolve(context.cwd, path);
  const comparison = parseComparison(await readJsonFile(file), file);
  const folder = options.data === undefined ? comparison.data && resolve(dirname(file), comparison.data) : options.data;
  if (!folder)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'data to compare on', got: 'nothing', expected: '--data DIR' });
  const data = await openCheckedDataset(resolve(context.cwd, folder), options, context);
  const out = resolve(context.cwd, options.out ?? `${comparison.name}.comparison`);
  await mkdir(out, { recursive: true });
  const result = await runComparison(comparison, { data, out, context });
  const summaries = summarizeComparison(result);
  const regions = Object.keys(comparison.regions ?? {});
  const ofRegions = summarizeRegions(result.regions, regions);
  const table = comparisonTable(summaries) + (regions.length > 0 ? regionsTable(ofRegions, regions) : '');
  const intervals = summaries.map(({ recipe, mean }) => ({ name: recipe, ...mean.dice }));
  const description = `Mean Dice of ${summaries.length} recipes with intervals`;
  await writeFileAtomic(join(out, 'cases.csv'), casesCsv(result.cases));
  if (regions.length > 0) await writeFileAtomic(join(out, 'regions.csv'), regionsOfCasesCsv(result.regions, regions));
  await writeFileAtomic(join(out, 'table.md'), table);
  await writeFileAtomic(join(out, 'dice.svg'), intervalChart({ description, intervals, name: 'Dice' }));
  context.stdout.write(
    context.json
      ? `${JSON.stringify({ out, recipes: summaries, ...(regions.length > 0 && { regions: ofRegions }) })}\n`
      : `${table}\n${out}\n`,
  );
}
