import { VesaliusError } from '@vesalius/errors';
import { sizeOf, spatialAxes } from '../sample.ts';
import { type KeysOption, type ProbabilityOption, randomTransform, type Transform } from '../transform.ts';
import { changeChannels, type IntensityOperation, intensityRecord } from './intensity-operation.ts';

interface BiasField {
  readonly degree: number;
  /** Of the Legendre products of total degree <= `degree`, in the order of their degrees along z, y, x. */
  readonly coefficients: readonly number[];
}

export const BIAS_FIELD: IntensityOperation<BiasField> = {
  name: 'BiasField',
  run(image, { degree, coefficients }) {
    const size = sizeOf(image);
    const terms = degreesOf(degree, spatialAxes(size).length);
    const [alongZ, alongY, alongX] = size.map((length) => legendre(length, degree)) as [
      Float64Array[],
      Float64Array[],
      Float64Array[],
    ];
    const [depth, height, width] = size;
    return changeChannels(image, true, (data) => {
      for (let z = 0; z < depth; z++) {
        for (let y = 0; y < height; y++) {
          // Along a row only the degree in x matters: one polynomial a row.
          const row = new Float64Array(degree + 1);
          for (const [i, [dz, dy, dx]] of terms.entries())
            row[dx] =
              (row[dx] as number) + (coefficients[i] as number) * valueAt(alongZ, dz, z) * valueAt(alongY, dy, y);
          multiplyRow(data.subarray((z * height + y) * width, (z * height + y + 1) * width), row, alongX);
        }
      }
    });
  },
};

export interface RandBiasFieldOptions extends KeysOption, ProbabilityOption {
  /** Default: 3. */
  readonly degree?: number;
  /** Default: 0 to 0.1. */
  readonly coeffRange?: readonly [number, number];
}

/**
 * Multiplies by the exponential of a random polynomial: the uneven brightness of surface coils. As MONAI's for volumes; for 2-D
 * images MONAI takes other products of degrees, which treat the two axes unlike.
 *
 * @throws INVALID_ARGUMENT when the degree is not a whole number above 0
 * @parity monai.transforms.RandBiasField(degree, coeff_range)
 * @source Van Leemput et al. 1999, Automated model-based bias field correction of MR images of the brain
 */
export function randBiasField(options: RandBiasFieldOptions = {}): Transform {
  const { degree = 3, coeffRange = [0, 0.1] } = options;
  if (!(Number.isInteger(degree) && degree > 0))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'degree of the bias field',
      got: degree,
      expected: 'at least 1',
    });
  return randomTransform('RandBiasField', options, (random, { size }) => {
    const coefficients = degreesOf(degree, spatialAxes(size).length).map(() => random.uniform(...coeffRange));
    return intensityRecord(BIAS_FIELD, { degree, coefficients }, options);
  });
}

function multiplyRow(line: Float32Array, polynomial: Float64Array, basis: readonly Float64Array[]): void {
  for (let x = 0; x < line.length; x++) {
    let sum = 0;
    for (let d = 0; d < polynomial.length; d++) sum += (polynomial[d] as number) * valueAt(basis, d, x);
    line[x] = (line[x] as number) * Math.exp(sum);
  }
}

function degreesOf(degree: number, axes: number): (readonly [number, number, number])[] {
  const terms: (readonly [number, number, number])[] = [];
  for (let z = 0; z <= (axes === 3 ? degree : 0); z++)
    for (let y = 0; y <= degree - z; y++) for (let x = 0; x <= degree - z - y; x++) terms.push([z, y, x]);
  return terms;
}

/** Legendre polynomials of degree 0, 1, ... on `length` points from -1 to 1. */
function legendre(length: number, degree: number): Float64Array[] {
  const points = Float64Array.from({ length }, (_, i) => (length === 1 ? -1 : -1 + (2 * i) / (length - 1)));
  const basis = [new Float64Array(length).fill(1), points];
  for (let n = 2; n <= degree; n++) {
    basis.push(
      points.map((t, i) => ((2 * n - 1) * t * valueAt(basis, n - 1, i) - (n - 1) * valueAt(basis, n - 2, i)) / n),
    );
  }
  return basis;
}

function valueAt(basis: readonly Float64Array[], degree: number, index: number): number {
  return (basis[degree] as Float64Array)[index] as number;
}
