import { createVolume, type Volume } from '@vesalius/volume';
import type { Prediction, PredictionRequest } from '../models/model-registry.ts';

export type Predict = (request: PredictionRequest) => Promise<Prediction>;

/** Background of which a model is sure says nothing; it would drown all else. */
const SURE = 0.05;

/**
 * Mean entropy of the classes' probabilities, 0 to 1, over what is predicted or doubtful.
 *
 * @source Settles 2009, Active learning literature survey, 3.1.3
 */
export async function epistemicScore(predict: Predict, volume: Volume, signal?: AbortSignal): Promise<number> {
  const { labels, uncertainty } = await predict({ channels: [volume], uncertainty: true, ...(signal && { signal }) });
  let [sum, count] = [0, 0];
  for (let i = 0; i < labels.voxels.length; i++) {
    const entropy = uncertainty?.voxels[i] ?? 0;
    if (labels.voxels[i] === 0 && entropy < SURE) continue;
    sum += entropy;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

/**
 * How much predictions of the volume and its mirror images differ, 0 to 1: over what any of them predicts, the chance that two of them
 * disagree on a voxel.
 *
 * @source Wang et al. 2019, Aleatoric uncertainty estimation with test-time augmentation
 */
export async function mirroredScore(predict: Predict, volume: Volume, signal?: AbortSignal): Promise<number> {
  return disagreement(await predictMirrored(predict, volume, signal));
}

/** Label maps of the volume and of its mirror images, each turned back. */
export async function predictMirrored(
  predict: Predict,
  volume: Volume,
  signal?: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const { size } = volume;
  const axes = [undefined, ...[0, 1, 2].filter((axis) => (size[axis] as number) > 1)];
  const predicted: Uint8Array[] = [];
  for (const axis of axes) {
    const { labels } = await predict({ channels: [mirrored(volume, axis)], ...(signal && { signal }) });
    predicted.push(mirrored(labels, axis).voxels);
  }
  return predicted;
}

function disagreement(predicted: readonly Uint8Array[]): number {
  const pairs = (predicted.length * (predicted.length - 1)) / 2;
  let [sum, count] = [0, 0];
  for (let i = 0; i < (predicted[0]?.length ?? 0); i++) {
    let [unequal, inside] = [0, false];
    for (let a = 0; a < predicted.length; a++) {
      const value = predicted[a]?.[i];
      inside ||= value !== 0;
      for (let b = 0; b < a; b++) if (predicted[b]?.[i] !== value) unequal++;
    }
    if (!inside) continue;
    sum += unequal / pairs;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

/** On the same grid: the picture is turned, not the patient. */
function mirrored<V extends Volume>(volume: V, axis: number | undefined): V {
  if (axis === undefined) return volume;
  const { size, voxelToLps } = volume;
  const [nx, ny, nz] = size;
  const voxels = volume.voxels.slice();
  const strides = [1, nx, nx * ny];
  const [step, length] = [strides[axis] as number, size[axis] as number];
  for (let i = 0; i < nx * ny * nz; i++) {
    const at = Math.floor(i / step) % length;
    voxels[i] = volume.voxels[i + (length - 1 - 2 * at) * step] as never;
  }
  return createVolume({ voxels, size, voxelToLps }) as Volume as V;
}
