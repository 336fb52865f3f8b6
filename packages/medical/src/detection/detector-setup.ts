import type { Size } from '../transforms/sample.ts';

/** Everything that decides, with the scans and a seed, the bytes of a trained detector; plain JSON. */
export interface DetectorSetup {
  /** Of the cubic voxels that scans are brought to. */
  readonly spacingMm: number;
  /** Of a patch in training and of a window afterwards; multiples of `OUTPUT_STRIDE` and of every halving of the network. */
  readonly patchSize: Size;
  readonly batchSize: number;
  /** Of every level of the network, the finest first. */
  readonly channels: readonly number[];
  /** Hounsfield units that become -1 and 1; what lies beyond is cut off. */
  readonly windowHu: readonly [low: number, high: number];
  /** Share of the patches that hold a finding. */
  readonly findingShare: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** Places are answered for at half the resolution. */
export const OUTPUT_STRIDE = 2;

/** For nodules of 3 mm and more in CT, on a processor. */
export const NODULE_DETECTOR: DetectorSetup = {
  spacingMm: 1,
  patchSize: [64, 64, 64],
  batchSize: 2,
  channels: [16, 32, 64],
  windowHu: [-1000, 400],
  findingShare: 0.7,
  learningRate: 3e-3,
  weightDecay: 1e-4,
};
