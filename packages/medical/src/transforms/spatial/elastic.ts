import type { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { sizePerAxis } from '../axis-values.ts';
import type { Size } from '../sample.ts';
import { type ProbabilityOption, randomTransform, type Transform } from '../transform.ts';
import { affineRecord, drawAffine, type GridSampleOptions, type RandAffineRanges } from './affine.ts';
import { IDENTITY } from './matrix.ts';
import type { SpatialTransform, Warp } from './spatial-transform.ts';

type AffineOptions = RandAffineRanges & GridSampleOptions & ProbabilityOption;

export interface Rand2DElasticOptions extends AffineOptions {
  /** Voxels between control points: along y and x, or one for both. */
  readonly spacing: number | readonly [number, number];
  /** Standard deviation of the control points' offsets, in voxels: drawn from this range. */
  readonly magnitudeRange: readonly [number, number];
}

/**
 * A smooth random deformation of a 2-D image, followed by a random affine.
 *
 * As MONAI's: normal offsets at control points, bicubic between them. MONAI also interpolates the undistorted grid that way,
 * which bends it where nothing was drawn; here only the offsets are.
 *
 * @throws INVALID_ARGUMENT when applied to a volume
 */
export function rand2DElastic(options: Rand2DElasticOptions): Transform {
  return randomTransform('Rand2DElastic', options, (random, { size }) => {
    if (size[0] !== 1)
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: 'size for Rand2DElastic',
        got: size,
        expected: 'one voxel along z',
      });
    const { spacing } = options;
    const scale = typeof spacing === 'number' ? [spacing, spacing] : spacing;
    return elasticRecord(random, size, { kind: 'control-points', options, scale: () => scale });
  });
}

export interface Rand3DElasticOptions extends AffineOptions {
  /** Standard deviation of the Gaussian that smooths the offsets, in voxels: drawn from this range. */
  readonly sigmaRange: readonly [number, number];
  /** Factor on the smoothed offsets (even between -1 and 1 before), in voxels: drawn from this range. */
  readonly magnitudeRange: readonly [number, number];
}

/**
 * A smooth random deformation, followed by a random affine.
 *
 * As MONAI's Rand3DElastic, but that the offsets are drawn and smoothed on a lattice of half a sigma, with their distribution
 * kept: a tenth of the time and less.
 *
 * @parity monai.transforms.Rand3DElastic(sigma_range, magnitude_range)
 */
export function rand3DElastic(options: Rand3DElasticOptions): Transform {
  return randomTransform('Rand3DElastic', options, (random, { size }) =>
    elasticRecord(random, size, {
      kind: 'smoothed-noise',
      options,
      scale: () => [random.uniform(...options.sigmaRange)],
    }),
  );
}

interface Elastic {
  readonly kind: Warp['kind'];
  readonly options: AffineOptions & { readonly magnitudeRange: readonly [number, number] };
  readonly scale: () => readonly number[];
}

function elasticRecord(random: Random, inputSize: Size, { kind, options, scale }: Elastic): SpatialTransform {
  const name = kind === 'smoothed-noise' ? 'Rand3DElastic' : 'Rand2DElastic';
  const size = sizePerAxis(options.spatialSize ?? -1, inputSize, 'spatialSize');
  const warp: Warp = {
    kind,
    seed: random.uint32(),
    size,
    magnitude: random.uniform(...options.magnitudeRange),
    scale: scale(),
    before: IDENTITY,
  };
  return { ...affineRecord(name, inputSize, { params: drawAffine(random, options), grid: options }), warp };
}
