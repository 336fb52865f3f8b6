import { join } from 'node:path';
import { openAttentionReader, readBundle } from '@vesalius/bundle';
import { meanOfNumbers } from '@vesalius/medical';
import { openDataset } from '../../packages/cli/src/datasets/open-dataset.ts';
import { readCase } from '../../packages/cli/src/datasets/read-case.ts';
import { dataFolder } from '../figures/data-folder.ts';
import { openResults } from '../results-store.ts';
import { bundleOf, type RegionComparisonResult } from './region-comparison.ts';
import { SKIN_SOURCES } from './skin-comparison.ts';

interface AttentionOptions {
  /** Of the rows in bench/results/. */
  readonly name: string;
  /** Folder of the data. */
  readonly data: string;
  /** Names of the trainings whose validation patients are looked at. */
  readonly runs: readonly string[];
  readonly channels: readonly string[];
}

/** Mean share of attention that each channel gets inside the brain, over the unseen patients of some trainings; models that are gone are passed over. */
export async function attentionShares(
  comparison: RegionComparisonResult,
  { name, data, runs, channels }: AttentionOptions,
): Promise<Record<string, number>> {
  const folder = join(dataFolder(), data);
  const results = openResults({
    name,
    columns: channels,
    sources: [
      ...SKIN_SOURCES.filter((source) => source.startsWith('packages/')),
      'bench/compare/modality-attention.ts',
    ],
    data: [folder],
  });
  const dataset = await openDataset(folder);
  for (const run of runs) {
    const place = bundleOf(comparison, run);
    if (place === undefined) continue;
    const bundle = await readBundle(place);
    const reader = await openAttentionReader(bundle, { threads: 1 });
    for (const id of bundle.manifest.split.validation) {
      const item = dataset.cases.find((one) => one.id === id);
      if (!item || results.has(`${run}|${id}`)) continue;
      const scan = (await readCase(dataset, item)).channels;
      const maps = await reader.read(scan);
      // Where scans are cut all shares are 0.
      const inside = [...(maps[0]?.voxels.keys() ?? [])].filter((i) =>
        maps.some(({ voxels }) => (voxels[i] as number) > 0),
      );
      const shares = maps.map(({ voxels }) => meanOfNumbers(inside.map((i) => voxels[i] as number)));
      results.append(`${run}|${id}`, Object.fromEntries(channels.map((channel, c) => [channel, shares[c] as number])));
    }
    await reader.close();
  }
  const rows = results.current().length > 0 ? results.current() : results.earlier();
  return Object.fromEntries(
    channels.map((channel) => [channel, meanOfNumbers(rows.map(({ values }) => values[channel] as number))]),
  );
}
