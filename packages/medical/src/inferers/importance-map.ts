export type BlendMode = 'constant' | 'gaussian';

const SMALLEST_WEIGHT = 1e-3;

/**
 * Weight of each voxel of a window when overlapping windows are averaged.
 *
 * @param size - voxels along each axis, slowest first
 * @param sigmaScale - standard deviation as a share of the axis
 * @returns weights from 0.001 to 1, last axis fastest
 * @parity monai.data.utils.compute_importance_map
 */
export function importanceMap(size: readonly number[], mode: BlendMode, sigmaScale = 0.125): Float32Array {
  let map = Float32Array.of(1);
  for (const length of size) {
    const profile =
      mode === 'gaussian' ? gaussianProfile(length, sigmaScale * length) : new Float32Array(length).fill(1);
    map = outerProduct(map, profile);
  }
  return map.map((weight) => Math.max(weight, SMALLEST_WEIGHT));
}

function gaussianProfile(length: number, sigma: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.exp(-((i - (length - 1) / 2) ** 2) / (2 * sigma ** 2)));
}

function outerProduct(a: Float32Array, b: Float32Array): Float32Array<ArrayBuffer> {
  const product = new Float32Array(a.length * b.length);
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) product[i * b.length + j] = (a[i] as number) * (b[j] as number);
  }
  return product;
}
