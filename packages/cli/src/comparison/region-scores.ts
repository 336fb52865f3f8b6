import { type OpenBundle, openPredictor } from '@vesalius/bundle';
import { readFileBytes, writeFileAtomic } from '@vesalius/bundle/files';
import { computeDice, labelMapOf, meanOfNumbers } from '@vesalius/medical';
import { modalitySubsets, takesMissingChannels } from '@vesalius/methods';
import { createVolume, type Volume } from '@vesalius/volume';
import type { Dataset } from '../datasets/dataset.ts';
import { leaveOut } from '../datasets/leave-out-channels.ts';
import { readCase } from '../datasets/read-case.ts';
import { stopIfInterrupted } from '../interruption.ts';

/** Label values that count as one, by the region's name. */
export type Regions = Readonly<Record<string, readonly number[]>>;

/** One case asked with some of its channels. */
export interface RegionRow {
  readonly case: string;
  /** Names of the channels that the model was given, with + between. */
  readonly given: string;
  /** Dice by region; where it is neither there nor found, 1. */
  readonly dice: Readonly<Record<string, number>>;
}

export interface RegionOptions {
  readonly regions: Regions;
  /** Whether a model that takes missing channels is asked with every set of them. */
  readonly subsets: boolean;
  readonly dataset: Dataset;
  /** Names of cases. */
  readonly cases: readonly string[];
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Kept there: what was measured is read again. */
  readonly file: string;
}

/** Dice of regions of a trained model's validation cases, with every set of channels where asked for. */
export async function scoreRegions(bundle: OpenBundle, options: RegionOptions): Promise<RegionRow[]> {
  const { regions, subsets, dataset, threads, signal, file } = options;
  const names = bundle.manifest.channels.map(({ name }) => name);
  const all = subsets && takesMissingChannels(bundle.manifest.plan);
  const asked = all ? modalitySubsets(names.length) : [names.map(() => 1)];
  const kept = await readRows(file, Object.keys(regions));
  if (kept && kept.length === asked.length * options.cases.length) return kept;
  const rows: RegionRow[] = [];
  const predictor = await openPredictor(bundle, { threads });
  for (const item of dataset.cases.filter(({ id }) => options.cases.includes(id))) {
    const { channels, label } = await readCase(dataset, item);
    for (const mask of label ? asked : []) {
      stopIfInterrupted(signal);
      const left = mask.map((there) => there === 1);
      const found = await predictor.predict(leaveOut(channels, left), { signal });
      const dice = Object.entries(regions).map(([region, values]) => [region, overlap(found, label as Volume, values)]);
      rows.push({
        case: item.id,
        given: names.filter((_, i) => left[i]).join('+'),
        dice: Object.fromEntries(dice) as Record<string, number>,
      });
    }
  }
  await predictor.close();
  await writeFileAtomic(file, regionsCsv(rows, Object.keys(regions)));
  return rows;
}

function overlap(found: Volume, truth: Volume, values: readonly number[]): number {
  const [a, b] = [found, truth].map(({ voxels, size, voxelToLps }) => {
    const inside = Uint8Array.from(voxels as Uint8Array, (value) => Number(values.includes(Number(value))));
    return labelMapOf(createVolume({ voxels: inside, size, voxelToLps }));
  }) as [ReturnType<typeof labelMapOf>, ReturnType<typeof labelMapOf>];
  const [dice = Number.NaN] = computeDice(a, b, { numClasses: 2, includeBackground: false, ignoreEmpty: false });
  return dice;
}

function regionsCsv(rows: readonly RegionRow[], regions: readonly string[]): string {
  const lines = rows.map((row) => [row.case, row.given, ...regions.map((region) => row.dice[region]?.toFixed(6))]);
  return `${[['case', 'given', ...regions], ...lines].map((cells) => cells.join(',')).join('\n')}\n`;
}

/** None for a file that is not there, or of other regions. */
async function readRows(file: string, regions: readonly string[]): Promise<RegionRow[] | undefined> {
  const bytes = await readFileBytes(file).catch(() => undefined);
  if (!bytes) return undefined;
  const [header, ...lines] = new TextDecoder().decode(bytes).trimEnd().split('\n');
  if (header !== ['case', 'given', ...regions].join(',')) return undefined;
  return lines.map((line) => {
    const [id = '', given = '', ...values] = line.split(',');
    return { case: id, given, dice: Object.fromEntries(regions.map((region, i) => [region, Number(values[i])])) };
  });
}

/** One row of a comparison's table of regions. */
export interface RegionSummary {
  readonly recipe: string;
  readonly given: string;
  /** Mean over cases and seeds. */
  readonly dice: Readonly<Record<string, number>>;
}

export type ComparedRegion = RegionRow & { readonly recipe: string; readonly seed: number; readonly fold: number };

/** Recipes by what they were given, the most channels last. */
export function summarizeRegions(rows: readonly ComparedRegion[], regions: readonly string[]): RegionSummary[] {
  const groups = Map.groupBy(rows, ({ recipe, given }) => `${recipe}\n${given}`);
  return [...groups.values()].map((group) => {
    const { recipe, given } = group[0] as ComparedRegion;
    const means = regions.map((region) => [region, meanOfNumbers(group.map(({ dice }) => dice[region] as number))]);
    return { recipe, given, dice: Object.fromEntries(means) as Record<string, number> };
  });
}
