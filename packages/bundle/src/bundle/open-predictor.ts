import { readSafetensors, type TensorValue } from '@vesalius/engine';
import { createVolumePredictor, type VolumePredictor } from '@vesalius/medical';
import { openSessionPool } from '../prediction/session-pool.ts';
import { withLargestOnly } from '../prediction/with-largest-only.ts';
import type { OpenBundle } from './read-bundle.ts';

export interface PredictorChoices {
  readonly threads: number;
  readonly mirror?: boolean;
}

/** A bundle's model ready to predict, with the manifest's post-processing. */
export async function openPredictor(
  bundle: OpenBundle,
  { threads, mirror = false }: PredictorChoices,
): Promise<VolumePredictor> {
  const { tensors } = readSafetensors(await bundle.readWeights());
  const predictor = await createVolumePredictor({
    plan: bundle.manifest.plan,
    model: await bundle.readModel(),
    weights: tensors as unknown as ReadonlyMap<string, TensorValue>,
    threads,
    mirror,
    openWindowModel: openSessionPool,
  });
  const { keepLargest } = bundle.manifest.processing;
  return {
    predict: async (channels, options) => withLargestOnly(await predictor.predict(channels, options), keepLargest),
    predictInDetail: async (channels, options) => {
      const { labels, ...more } = await predictor.predictInDetail(channels, options);
      return { ...more, labels: withLargestOnly(labels, keepLargest) };
    },
    close: () => predictor.close(),
  };
}
