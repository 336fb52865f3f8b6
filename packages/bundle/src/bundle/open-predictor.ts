import { readSafetensors, type TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  type ClickOptions,
  type ClickPredictor,
  createClickPredictor,
  createVolumePredictor,
  type DetailedPrediction,
  type DetailOptions,
  type VolumePredictor,
} from '@vesalius/medical';
import { METHOD_NETWORKS } from '@vesalius/methods';
import type { Volume } from '@vesalius/volume';
import { openSessionPool } from '../prediction/session-pool.ts';
import { withLargestOnly } from '../prediction/with-largest-only.ts';
import type { OpenBundle } from './read-bundle.ts';

export interface PredictorChoices {
  readonly threads: number;
  readonly mirror?: boolean;
}

export interface BundlePredictor extends VolumePredictor {
  /**
   * As `predict`. With clicks or a map to correct it answers in one pass and leaves what it says as it is, so that every clicked voxel has its
   * class; without them it averages and applies the manifest's post-processing.
   *
   * @throws INVALID_ARGUMENT for clicks to a model whose manifest has no `interaction`; and as `ClickPredictor.predict`
   */
  predictInDetail(channels: readonly Volume[], options?: DetailOptions & ClickOptions): Promise<DetailedPrediction>;
}

/** A bundle's model ready to predict, with the manifest's post-processing. */
export async function openPredictor(
  bundle: OpenBundle,
  { threads, mirror = false }: PredictorChoices,
): Promise<BundlePredictor> {
  const { plan, processing, interaction } = bundle.manifest;
  const { tensors } = readSafetensors(await bundle.readWeights());
  const weights = tensors as unknown as ReadonlyMap<string, TensorValue>;
  const model = await bundle.readModel();
  const predictor = await createVolumePredictor({
    plan,
    methods: METHOD_NETWORKS,
    model,
    weights,
    threads,
    mirror,
    openWindowModel: openSessionPool,
  });
  const clicks = interaction && (await createClickPredictor({ plan, weights, threads }));
  return {
    predict: async (channels, options) =>
      withLargestOnly(await predictor.predict(channels, options), processing.keepLargest),
    predictInDetail: async (channels, options = {}) => {
      if (options.clicks !== undefined || options.previous !== undefined)
        return followed(clicks).predictInDetail(channels, options);
      const { labels, ...more } = await predictor.predictInDetail(channels, options);
      return { ...more, labels: withLargestOnly(labels, processing.keepLargest) };
    },
    close: async () => {
      await Promise.all([predictor.close(), clicks?.close()]);
    },
  };
}

function followed(clicks: ClickPredictor | undefined): ClickPredictor {
  if (clicks) return clicks;
  throw new VesaliusError('INVALID_ARGUMENT', { what: 'clicks', expected: 'a model that was trained to take clicks' });
}
