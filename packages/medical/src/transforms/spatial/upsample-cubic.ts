export interface CubicGrid {
  readonly rows: number;
  readonly columns: number;
  /** Voxels between control points. */
  readonly distanceY: number;
  readonly distanceX: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Values between control points by bicubic convolution, the grids' centres laid on each other.
 *
 * @source Keys 1981, Cubic convolution interpolation for digital image processing (a = -0.75)
 * @parity torch.nn.functional.interpolate(mode="bicubic")
 */
export function upsampleCubic(coarse: Float32Array, grid: CubicGrid): Float32Array {
  const alongY = taps(grid.height, grid.rows, grid.distanceY);
  const alongX = taps(grid.width, grid.columns, grid.distanceX);
  const result = new Float32Array(grid.height * grid.width);
  for (let y = 0; y < grid.height; y++) {
    for (let x = 0; x < grid.width; x++) {
      let sum = 0;
      for (let i = 4 * y; i < 4 * y + 4; i++) {
        const start = (alongY.index[i] as number) * grid.columns;
        let line = 0;
        for (let j = 4 * x; j < 4 * x + 4; j++)
          line += (alongX.weight[j] as number) * (coarse[start + (alongX.index[j] as number)] as number);
        sum += (alongY.weight[i] as number) * line;
      }
      result[y * grid.width + x] = sum;
    }
  }
  return result;
}

/** Four neighbours and their weights for each output voxel. */
function taps(length: number, count: number, distance: number): { index: Int32Array; weight: Float64Array } {
  const index = new Int32Array(4 * length);
  const weight = new Float64Array(4 * length);
  for (let i = 0; i < length; i++) {
    const at = (i - (length - 1) / 2) / distance + (count - 1) / 2;
    const first = Math.floor(at) - 1;
    for (let k = 0; k < 4; k++) {
      index[4 * i + k] = Math.min(Math.max(first + k, 0), count - 1);
      weight[4 * i + k] = cubic(Math.abs(at - (first + k)));
    }
  }
  return { index, weight };
}

function cubic(distance: number): number {
  const a = -0.75;
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  if (distance >= 2) return 0;
  return ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a;
}
