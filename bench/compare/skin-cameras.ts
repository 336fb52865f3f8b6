import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openPredictor, readBundle } from '@vesalius/bundle';
import { Random } from '@vesalius/engine';
import { compose, computeDice, randColourJitter, stackChannels } from '@vesalius/medical';
import { createVolume, type Volume } from '@vesalius/volume';
import { openDataset } from '../../packages/cli/src/datasets/open-dataset.ts';
import { readCase } from '../../packages/cli/src/datasets/read-case.ts';
import { asClasses } from '../../packages/cli/src/training/evaluate-model.ts';
import { openResults } from '../results-store.ts';
import { SKIN_SOURCES, type SkinRow, skinRow } from './skin-comparison.ts';

/** Further than training goes; shifts are of 255. */
const CAMERA = { prob: 1, gain: 0.4, offset: 30, gamma: 1.8, hue: 0.35, saturation: 0.5 } as const;

export interface CamerasOptions {
  readonly data: string;
  /** Of the comparison whose bundles are asked. */
  readonly out: string;
  readonly recipes: readonly string[];
  readonly images: readonly string[];
  readonly seeds: readonly number[];
  /** Of the file in bench/results/. */
  readonly name: string;
  readonly log: (line: string) => void;
}

/** Dice on the validation's pictures as one other camera each, the same for every model, would have shown them; models that are gone are passed over. */
export async function acrossCameras({
  data,
  out,
  recipes,
  images,
  seeds,
  name,
  log,
}: CamerasOptions): Promise<SkinRow[]> {
  const results = openResults({
    name,
    columns: ['dice'],
    sources: [...SKIN_SOURCES, 'bench/compare/skin-cameras.ts'],
    data: [data],
  });
  const dataset = await openDataset(data);
  const cases = dataset.cases.filter(({ id }) => images.includes(id));
  for (const recipe of recipes) {
    for (const seed of seeds) {
      const missing = cases.filter(({ id }) => !results.has([recipe, seed, id].join('|')));
      const folder = join(out, 'runs', `${recipe}-s${seed}-f0.bundle`);
      if (missing.length === 0 || !existsSync(folder)) continue;
      const bundle = await readBundle(folder);
      const { plan } = bundle.manifest;
      const predictor = await openPredictor(bundle, { threads: 1 });
      for (const item of missing) {
        const { channels, label } = await readCase(dataset, item);
        const found = await predictor.predict(throughCamera(channels, item.id));
        const options = { numClasses: plan.classes.length, includeBackground: false };
        const [dice = Number.NaN] = label
          ? computeDice(asClasses(found, plan.classes), asClasses(label, plan.classes), options)
          : [];
        results.append([recipe, seed, item.id].join('|'), { dice });
      }
      await predictor.close();
      log(`${recipe} seed ${seed}: ${missing.length} pictures of other cameras`);
    }
  }
  // Models that were not trained again answered under earlier code; whether that still holds the comparison has found out.
  const [current, earlier] = [results.current(), results.earlier()];
  const whole = recipes.length * seeds.length * cases.length;
  return (current.length < whole && earlier.length === whole ? earlier : current).map(skinRow);
}

/** Drawn by the picture's name. */
function throughCamera(channels: readonly Volume[], name: string): Volume[] {
  const image = { ...stackChannels(channels), spacingMm: [1, 1, 1] as const };
  const { sample } = compose([randColourJitter(CAMERA)]).apply({ images: { image }, labels: {} }, new Random(name));
  const changed = sample.images['image']?.data ?? image.data;
  const count = changed.length / channels.length;
  return channels.map(({ size, voxelToLps }, c) => {
    const voxels = Uint8Array.from(changed.subarray(c * count, (c + 1) * count), (value) =>
      Math.min(255, Math.max(0, Math.round(value))),
    );
    return createVolume({ voxels, size, voxelToLps });
  });
}
