import { compile, type Program, type RuntimeOptions, type TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { createVolume, type Volume } from '@vesalius/volume';
import type { TrainingPlan } from '../planning/training-plan.ts';
import { plannedScan } from '../training/planned-scan.ts';
import { stackChannels } from '../training/prepare-sample.ts';
import { spatialShape } from '../training/segmentation-graphs.ts';
import { sizeOfShape } from '../training/setup-of-plan.ts';
import { normalizeChannels } from './normalize-channels.ts';
import { onGridOf, resampleMap } from './on-grid-of.ts';
import { slidingWindowInference } from './sliding-window-inferer.ts';
import type { PredictOptions } from './volume-predictor.ts';

export interface MapPredictorOptions extends RuntimeOptions {
  readonly plan: TrainingPlan;
  /** One window: feed `image` `[1, C, ...S]`, output `maps` `[1, N, ...S]`, and any others; weights are states. */
  readonly program: Program;
  readonly weights: ReadonlyMap<string, TensorValue>;
}

export interface MapPrediction {
  /** On the scan's own grid, in the order of the output's channels; 0 where the plan cuts scans. */
  readonly maps: readonly Volume<Float32Array>[];
  /** The other outputs, by name: means over the windows. */
  readonly readings: ReadonlyMap<string, Float32Array>;
}

export interface MapPredictor {
  /** @throws DATA_MISMATCH for another number of channels than the plan's, INTERRUPTED */
  predict(channels: readonly Volume[], options?: PredictOptions): Promise<MapPrediction>;
  close(): Promise<void>;
}

/**
 * Reads from a trained network what it computed in every place of a scan, window by window.
 *
 * @throws CHECKPOINT_MISMATCH when the weights lack one of the program's
 */
export async function createMapPredictor({
  plan,
  program,
  weights,
  ...runtime
}: MapPredictorOptions): Promise<MapPredictor> {
  const roiSize = sizeOfShape(plan.inferer.value.roiShape);
  const count = program.outputs['maps']?.shape[1] ?? 0;
  const shape = [1, plan.network.value.inChannels, ...spatialShape(roiSize)];
  const executable = await compile(program, runtime);
  for (const name of executable.stateNames) executable.writeState(name, weightOf(weights, name));
  return {
    predict: async (channels, { signal, onProgress } = {}) => {
      const [scan] = channels;
      const [got, expected] = [channels.length, plan.network.value.inChannels];
      if (!scan || got !== expected)
        throw new VesaliusError('DATA_MISMATCH', { what: 'channels of the scan', got, expected });
      const planned = plannedScan(channels, plan);
      const image = stackChannels(planned.channels);
      const { size, voxelToLps } = planned.channels[0] as Volume;
      const area = size[0] * size[1];
      const maps = Array.from({ length: count }, () => new Float32Array(area * size[2]));
      const means = runningMeans();
      await slidingWindowInference(
        { data: normalizeChannels(image, plan.normalization.value), shape: image.shape },
        async (data) => {
          const { maps: found, ...others } = await executable.run({ image: { shape, dtype: 'float32', data } });
          means.add(others);
          return found?.data as Float32Array;
        },
        (z, slice) => {
          for (const [i, map] of maps.entries()) map.set(slice.subarray(i * area, (i + 1) * area), z * area);
        },
        {
          roiSize,
          overlap: plan.inferer.value.overlap,
          classes: count,
          ...(signal && { signal }),
          ...(onProgress && { onProgress }),
        },
      );
      const own = maps.map((voxels) =>
        onGridOf(scan, planned.whole(createVolume({ voxels, size, voxelToLps })), resampleMap),
      );
      return { maps: own, readings: means.values() };
    },
    close: () => executable.close(),
  };
}

function weightOf(weights: ReadonlyMap<string, TensorValue>, name: string): TensorValue {
  const found = weights.get(name);
  if (found) return found;
  const expected = 'those of the plan';
  throw new VesaliusError('CHECKPOINT_MISMATCH', { what: 'weights', got: `no ${name}`, expected });
}

function runningMeans() {
  const sums = new Map<string, Float32Array>();
  let count = 0;
  return {
    add: (found: Readonly<Record<string, TensorValue>>): void => {
      count++;
      for (const [name, { data }] of Object.entries(found)) {
        const before = sums.get(name);
        sums.set(
          name,
          Float32Array.from(data as Float32Array, (value, i) => value + (before?.[i] ?? 0)),
        );
      }
    },
    values: () => new Map([...sums].map(([name, sum]) => [name, sum.map((value) => value / count)])),
  };
}
