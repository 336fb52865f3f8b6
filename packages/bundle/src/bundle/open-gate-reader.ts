import { readSafetensors, type TensorValue } from '@vesalius/engine';
import { createGateReader, type GateReader } from '@vesalius/methods';
import type { PredictorChoices } from './open-predictor.ts';
import type { OpenBundle } from './read-bundle.ts';

/**
 * What a bundle's model weighed while it looked at a scan.
 *
 * @throws FILE_UNSUPPORTED for a model without gates
 */
export async function openGateReader(
  bundle: OpenBundle,
  { threads }: Pick<PredictorChoices, 'threads'>,
): Promise<GateReader> {
  const { tensors } = readSafetensors(await bundle.readWeights());
  const weights = tensors as unknown as ReadonlyMap<string, TensorValue>;
  return createGateReader({ plan: bundle.manifest.plan, weights, threads });
}
