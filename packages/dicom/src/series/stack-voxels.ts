import type { VoxelArray } from '@vesalius/volume';
import { decodeFrame, type PixelFrame } from '../pixels/decode-frame.ts';
import { applyModality, type ModalityTransform, modalityTransform } from '../pixels/modality.ts';
import { pixelLayout } from '../pixels/pixel-layout.ts';
import { toRgb } from '../pixels/to-rgb.ts';
import type { SeriesFrame } from './series-frame.ts';

export interface StackVoxels {
  readonly voxels: VoxelArray;
  /** 3 for colours. */
  readonly components: 1 | 3;
}

/** The frames as voxels, one after another, in the order given: rescaled, in the smallest integer type that holds them or as floats. */
export async function voxelsOf(frames: readonly SeriesFrame[]): Promise<StackVoxels> {
  const [first] = frames as [SeriesFrame];
  const layout = pixelLayout(first.file.dataSet);
  const colours = layout.samplesPerPixel === 3 || layout.photometric === 'PALETTE COLOR';
  const pixels = layout.rows * layout.columns;
  return colours ? colourVoxels(frames, pixels) : { voxels: await greyVoxels(frames, pixels), components: 1 };
}

async function greyVoxels(frames: readonly SeriesFrame[], pixels: number): Promise<VoxelArray> {
  const transforms = frames.map(transformOf);
  const voxels = allocate(frames, transforms, pixels * frames.length);
  for (const [i, { file, plane }] of frames.entries()) {
    const frame = await decodeFrame(file, plane.frame);
    const transform = transforms[i] as ModalityTransform;
    const same = transform.kind === 'rescale' && transform.slope === 1 && transform.intercept === 0;
    voxels.set(same ? frame.samples : applyModality(frame, transform), i * pixels);
  }
  return voxels;
}

/** PS3.3 C.8.8.3: a dose grid has a scaling of its own. */
function transformOf({ file: { dataSet }, plane }: SeriesFrame): ModalityTransform {
  const slope = dataSet.number('DoseGridScaling');
  return slope === undefined ? modalityTransform(dataSet, plane.frame) : { kind: 'rescale', slope, intercept: 0 };
}

type NumberArray = Exclude<VoxelArray, BigInt64Array | BigUint64Array>;

function allocate(
  frames: readonly SeriesFrame[],
  transforms: readonly ModalityTransform[],
  length: number,
): NumberArray {
  const layouts = frames.map(({ file }) => pixelLayout(file.dataSet));
  const wide = layouts.some(({ bitsAllocated }) => bitsAllocated > 16);
  if (layouts.some(({ element }) => element !== 'PixelData'))
    return layouts.some(({ bitsAllocated }) => bitsAllocated === 64)
      ? new Float64Array(length)
      : new Float32Array(length);
  const whole = transforms.every(
    (one) => one.kind === 'rescale' && Number.isInteger(one.slope) && Number.isInteger(one.intercept),
  );
  if (!whole) return wide ? new Float64Array(length) : new Float32Array(length);
  const ends = layouts.flatMap(({ signed, bitsStored }, i) => {
    const { slope, intercept } = transforms[i] as { slope: number; intercept: number };
    const [low, high] = signed ? [-(2 ** (bitsStored - 1)), 2 ** (bitsStored - 1) - 1] : [0, 2 ** bitsStored - 1];
    return [low * slope + intercept, high * slope + intercept];
  });
  return integers(Math.min(...ends), Math.max(...ends), length);
}

function integers(low: number, high: number, length: number): NumberArray {
  if (low >= 0 && high < 2 ** 8) return new Uint8Array(length);
  if (low >= -(2 ** 15) && high < 2 ** 15) return new Int16Array(length);
  if (low >= 0 && high < 2 ** 16) return new Uint16Array(length);
  if (low >= -(2 ** 31) && high < 2 ** 31) return new Int32Array(length);
  return low >= 0 && high < 2 ** 32 ? new Uint32Array(length) : new Float64Array(length);
}

async function colourVoxels(frames: readonly SeriesFrame[], pixels: number): Promise<StackVoxels> {
  const all = pixels * frames.length;
  const voxels = new Uint8Array(3 * all);
  for (const [i, { file, plane }] of frames.entries()) {
    const rgb = toRgb((await decodeFrame(file, plane.frame)) satisfies PixelFrame, file.dataSet);
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let color = 0; color < 3; color++)
        voxels[color * all + i * pixels + pixel] = rgb[3 * pixel + color] as number;
    }
  }
  return { voxels, components: 3 };
}
