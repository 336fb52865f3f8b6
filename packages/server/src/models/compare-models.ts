import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelComparison } from '@vesalius/api';
import { bootstrapDifference, meanOfNumbers } from '@vesalius/medical';
import type { Model, ModelRegistry } from './model-registry.ts';

const CASES = 'docs/cases.csv';

/** Mean Dice over classes of each validation case that both bundles tell of: the same series where both were trained here, else the same name. */
export async function compareModels(models: ModelRegistry, first: Model, second: Model): Promise<ModelComparison> {
  const byName = !(first.trainedOn && second.trainedOn);
  const [a, b] = await Promise.all([first, second].map((model) => diceByCase(models, model, byName)));
  const cases = [...(a ?? [])].flatMap(([name, dice]) => {
    const other = b?.get(name);
    return other === undefined ? [] : [{ case: name, first: dice, second: other }];
  });
  if (cases.length < 2) return { matchedBy: byName ? 'name' : 'series', cases };
  const [ofFirst, ofSecond] = [cases.map((one) => one.first), cases.map((one) => one.second)];
  const { estimate, low, high } = bootstrapDifference(ofSecond, ofFirst);
  const difference = [estimate, low, high].every(Number.isFinite) && { estimate, low, high };
  return { matchedBy: byName ? 'name' : 'series', cases, ...(difference && { difference }) };
}

async function diceByCase(models: ModelRegistry, model: Model, byName: boolean): Promise<ReadonlyMap<string, number>> {
  const text = await readFile(join(models.folderOf(model), CASES), 'utf8').catch(() => '');
  const series = new Map((await models.sources(model)).map((source) => [source.case, source.series]));
  const [header = [], ...rows] = text.split('\n').map((line) => line.split(','));
  const dice = header.flatMap((name, column) => (name.startsWith('dice ') ? [column] : []));
  return new Map(
    rows.flatMap((row) => {
      const name = byName ? row[0] : series.get(row[0] ?? '');
      // NaN where the case lacks the class.
      const mean = meanOfNumbers(dice.map((column) => Number(row[column])));
      return name !== undefined && row.length === header.length && Number.isFinite(mean) ? [[name, mean]] : [];
    }),
  );
}
