import { type GoldenCase, type GoldenTensor, goldenValues, relativeError } from '../read-golden.ts';

/** Largest relative error, where NaN and infinity must stand in the same places. */
export function largestError(got: ArrayLike<number>, expected: GoldenTensor): number {
  const values = goldenValues(expected);
  if (got.length !== values.length) throw new Error(`lengths differ: got ${got.length}, expected ${values.length}`);
  const differing = Array.from(values.keys()).filter((i) => !Object.is(got[i], values[i]));
  return relativeError(
    differing.map((i) => got[i] as number),
    differing.map((i) => values[i] as number),
  );
}

/** A label map stored as [z, y, x] or [y, x], with the spacing of its case. */
export function goldenLabels(golden: GoldenCase, name: string) {
  const tensor = golden.inputs[name] as GoldenTensor;
  const [nx, ny, nz = 1] = tensor.shape.toReversed() as [number, number, number?];
  const spacingMm = (golden.options['spacingMm'] ?? [1, 1, 1]) as [number, number, number];
  return { voxels: goldenValues(tensor) as Uint8Array, size: [nx, ny, nz] as const, spacingMm };
}

export function goldenInput(golden: GoldenCase, name: string): Float32Array | Float64Array | Int32Array | Uint8Array {
  return goldenValues(golden.inputs[name] as GoldenTensor);
}
