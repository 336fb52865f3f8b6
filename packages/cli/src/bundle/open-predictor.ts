import { readSafetensors, type TensorValue } from '@vesalius/engine';
import { createVolumePredictor, type VolumePredictor } from '@vesalius/medical';
import type { OpenBundle } from './read-bundle.ts';

export interface PredictorChoices {
  readonly threads: number;
  readonly mirror?: boolean;
}

/** A bundle's model ready to predict. */
export async function openPredictor(
  bundle: OpenBundle,
  { threads, mirror = false }: PredictorChoices,
): Promise<VolumePredictor> {
  const { tensors } = readSafetensors(await bundle.readWeights());
  return createVolumePredictor({
    plan: bundle.manifest.plan,
    model: await bundle.readModel(),
    weights: tensors as unknown as ReadonlyMap<string, TensorValue>,
    keepLargest: bundle.manifest.processing.keepLargest,
    threads,
    mirror,
  });
}
