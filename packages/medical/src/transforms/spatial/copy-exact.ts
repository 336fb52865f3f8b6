import type { ImageArray, ImageVoxels, LabelVoxels, Size } from '../sample.ts';
import type { Matrix } from './matrix.ts';

/** Copies voxels to voxels, for a matrix of whole numbers that never leaves the image: walks the source by strides. */
export function copyExact<V extends ImageVoxels | LabelVoxels>(
  source: ImageArray<V>,
  target: ImageArray<V>,
  matrix: Matrix,
): void {
  const [, depth, height, width] = source.shape;
  const strides = [height * width, width, 1] as const;
  const along = (column: number): number =>
    strides.reduce((sum, stride, row) => sum + stride * (matrix[4 * row + column] as number), 0);
  const walk = { first: along(3), stepZ: along(0), stepY: along(1), stepX: along(2) };
  const size: Size = [target.shape[1], target.shape[2], target.shape[3]];
  for (let c = 0; c < source.shape[0]; c++) {
    const channel = { ...walk, first: walk.first + c * depth * strides[0] };
    copyChannel(source.data, target.data, { ...channel, size, offset: c * size[0] * size[1] * size[2] });
  }
}

interface Walk {
  readonly first: number;
  readonly stepZ: number;
  readonly stepY: number;
  readonly stepX: number;
  readonly size: Size;
  readonly offset: number;
}

function copyChannel<V extends ImageVoxels | LabelVoxels>(from: V, to: V, walk: Walk): void {
  const { size, stepX } = walk;
  let at = walk.offset;
  for (let z = 0; z < size[0]; z++) {
    for (let y = 0; y < size[1]; y++) {
      let read = walk.first + z * walk.stepZ + y * walk.stepY;
      if (stepX === 1) to.set(from.subarray(read, read + size[2]), at);
      else {
        for (let x = 0; x < size[2]; x++, read += stepX) to[at + x] = from[read] as number;
      }
      at += size[2];
    }
  }
}
