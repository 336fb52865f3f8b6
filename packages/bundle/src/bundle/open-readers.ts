import { readSafetensors, type TensorValue } from '@vesalius/engine';
import { type AttentionReader, createAttentionReader, createGateReader, type GateReader } from '@vesalius/methods';
import type { PredictorChoices } from './open-predictor.ts';
import type { OpenBundle } from './read-bundle.ts';

type ReaderChoices = Pick<PredictorChoices, 'threads'>;

/**
 * What the gates of a bundle's model weighed while it looked at a scan.
 *
 * @throws FILE_UNSUPPORTED for a model without gates
 */
export async function openGateReader(bundle: OpenBundle, choices: ReaderChoices): Promise<GateReader> {
  return createGateReader(await readerOptions(bundle, choices));
}

/**
 * Which modality a bundle's model looked at, place by place.
 *
 * @throws FILE_UNSUPPORTED for a model other than an mmFormer
 */
export async function openAttentionReader(bundle: OpenBundle, choices: ReaderChoices): Promise<AttentionReader> {
  return createAttentionReader(await readerOptions(bundle, choices));
}

async function readerOptions(bundle: OpenBundle, { threads }: ReaderChoices) {
  const { tensors } = readSafetensors(await bundle.readWeights());
  return { plan: bundle.manifest.plan, weights: tensors as unknown as ReadonlyMap<string, TensorValue>, threads };
}
