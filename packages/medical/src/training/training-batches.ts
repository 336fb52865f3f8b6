import { Random, type TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { compose } from '../transforms/compose.ts';
import { randAdjustContrast } from '../transforms/intensity/adjust-contrast.ts';
import { randColourJitter } from '../transforms/intensity/colour-jitter.ts';
import { randGaussianSmooth } from '../transforms/intensity/gaussian-smooth.ts';
import { randGaussianNoise } from '../transforms/intensity/noise.ts';
import { randScaleIntensity, randShiftIntensity } from '../transforms/intensity/scale-intensity.ts';
import type { Sample } from '../transforms/sample.ts';
import { randAffine } from '../transforms/spatial/affine.ts';
import { rand3DElastic } from '../transforms/spatial/elastic.ts';
import { randFlip } from '../transforms/spatial/flip.ts';
import type { Transform } from '../transforms/transform.ts';
import { foregroundOf, patchAround } from './patch-around.ts';
import type { AugmentationSetup, SegmentationSetup } from './training-setup.ts';

export interface TrainingBatch {
  /** `[B, C, ...S]` */
  readonly image: Float32Array;
  /** Class numbers, `[B, 1, ...S]` */
  readonly label: Float32Array;
  /** What clicks say, `[B, 2 K, ...S]`; only for a network that takes it. */
  readonly guidance?: Float32Array;
}

/** Batches by the number of the step, so that a training goes on after a stop as if there had been none. */
export interface BatchSource {
  batch(step: number): TrainingBatch;
  /** Told what the network answered to the last batch, `[B, K, ...S]`; then what follows depends on it, and is saved with the states. */
  answered?(probabilities: Float32Array): void;
  save?(): Map<string, TensorValue>;
  restore?(states: ReadonlyMap<string, TensorValue>): void;
}

/**
 * Augmented patches. Each case comes once an epoch, in an order drawn anew for each.
 *
 * @param cases - normalized samples with one image `image` and one label map `label`
 * @throws EMPTY_FOLDER when there is no case
 */
export function createBatchSource(cases: readonly Sample[], setup: SegmentationSetup, seed: number): BatchSource {
  if (cases.length === 0)
    throw new VesaliusError('EMPTY_FOLDER', { what: 'training cases', got: 0, expected: 'at least 1' });
  const root = new Random(seed).fork('batches');
  const { patchSize, foregroundShare, batchSize, channels } = setup;
  const pipelines = cases.map((sample) => {
    const patch = patchAround({ patchSize, foregroundShare, foreground: foregroundOf(sample) });
    return compose([patch, ...augmentation(setup)]);
  });
  const voxels = patchSize.reduce((product, size) => product * size, 1);
  return {
    batch: (step) => {
      const image = new Float32Array(batchSize * channels * voxels);
      const label = new Float32Array(batchSize * voxels);
      for (let i = 0; i < batchSize; i++) {
        const count = (step - 1) * batchSize + i;
        const chosen = caseOf(root, count, cases.length);
        const { sample } = (pipelines[chosen] as (typeof pipelines)[number]).apply(
          cases[chosen] as Sample,
          root.fork('patch').fork(count),
        );
        const patch = image.subarray(i * channels * voxels, (i + 1) * channels * voxels);
        patch.set(sample.images['image']?.data ?? []);
        if (setup.augmentation.channelDropout) hideChannels(patch, channels, root.fork('channels').fork(count));
        label.set(sample.labels['label']?.data ?? [], i * voxels);
      }
      return { image, label };
    },
  };
}

/** All sets but the empty one are as likely. */
function hideChannels(patch: Float32Array, channels: number, random: Random): void {
  const kept = 1 + random.integer(2 ** channels - 1);
  const voxels = patch.length / channels;
  for (let c = 0; c < channels; c++) if (((kept >> c) & 1) === 0) patch.fill(0, c * voxels, (c + 1) * voxels);
}

function caseOf(root: Random, count: number, cases: number): number {
  const order = root
    .fork('epoch')
    .fork(Math.floor(count / cases))
    .shuffle(Uint32Array.from({ length: cases }, (_, i) => i));
  return order[count % cases] as number;
}

/** Spatial changes first: they join with the patch into one resampling. */
function augmentation({ augmentation: setup, patchSize }: SegmentationSetup): Transform[] {
  const { flipAxes, intensity, colour = 0 } = setup;
  // The transforms number a single slice's axes from its height, the setup from the depth it lacks.
  const first = patchSize[0] === 1 ? 1 : 0;
  return [
    ...deformation(setup, first === 1),
    ...flipAxes.map((axis) => randFlip({ prob: 0.5, spatialAxis: [axis - first] })),
    ...(colour > 0 ? [randColourJitter({ prob: colour })] : []),
    randGaussianNoise({ prob: 0.15 * intensity, std: 0.1 }),
    randGaussianSmooth({ prob: 0.1 * intensity, sigmaX: [0.3, 0.8], sigmaY: [0.3, 0.8], sigmaZ: [0.3, 0.8] }),
    randScaleIntensity({ prob: 0.8 * intensity, factors: 0.25 }),
    randShiftIntensity({ prob: 0.8 * intensity, offsets: 0.15 }),
    randAdjustContrast({ prob: 0.25 * intensity, gamma: [0.75, 1.4] }),
  ];
}

/** An elastic deformation carries an affine along, so that a patch is resampled once either way. */
function deformation(
  { rotationRadians: angle, scale, inPlaneOnly, elasticProbability }: AugmentationSetup,
  isPlane: boolean,
): Transform[] {
  const ranges = {
    rotateRange: inPlaneOnly ? [angle, 0, 0] : [angle, angle, angle],
    scaleRange: [scale, scale, scale],
    paddingMode: 'zeros',
  } as const;
  const affine = randAffine({ ...ranges, prob: 0.9 });
  const elastic = rand3DElastic({
    prob: elasticProbability,
    // Smoothing over two axes leaves five times as much of the noise as over three: of the same width it would fold a picture.
    sigmaRange: isPlane ? [9, 14] : [5, 8],
    magnitudeRange: [50, 150],
    paddingMode: 'zeros',
  });
  return elasticProbability > 0 ? [elastic, affine] : [affine];
}
