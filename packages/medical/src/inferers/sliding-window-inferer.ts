import { VesaliusError } from '@vesalius/errors';
import { type BlendMode, importanceMap } from './importance-map.ts';
import { windowPositions } from './window-positions.ts';

/** Channel-first image, `[C, D, H, W]`, last axis fastest. */
export interface InferenceImage {
  readonly data: Float32Array;
  readonly shape: readonly [channels: number, depth: number, height: number, width: number];
}

/** Runs the network on one window `[C, d, h, w]` and gives `[K, d, h, w]`. */
export type WindowPredictor = (window: Float32Array) => Promise<Float32Array>;

/** Takes the finished slice z: `[K, H, W]`, valid until it returns. */
export type SliceSink = (z: number, slice: Float32Array) => void;

export interface SlidingWindowOptions {
  /** d, h, w; an axis shorter than its window is padded with zeros on both sides. */
  readonly roiSize: readonly [number, number, number];
  readonly overlap?: number;
  readonly mode?: BlendMode;
  readonly sigmaScale?: number;
  readonly classes: number;
  /** Windows that are asked for before the first of them is answered; the sums are the same for every number. */
  readonly ahead?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

type Triple = readonly [number, number, number];

/**
 * Predicts a volume window by window and averages where windows overlap.
 *
 * Slices are handed on as soon as no later window touches them, so that beside the image only one window's depth of
 * classes stands in memory, whatever the volume's size.
 *
 * @throws INTERRUPTED when the signal is aborted between two windows
 * @parity monai.inferers.SlidingWindowInferer
 */
export async function slidingWindowInference(
  image: InferenceImage,
  predict: WindowPredictor,
  sink: SliceSink,
  options: SlidingWindowOptions,
): Promise<void> {
  const { roiSize, overlap = 0.25, mode = 'gaussian', sigmaScale, classes, ahead = 1, signal, onProgress } = options;
  const padded = paddedSize(image, roiSize);
  const [starts0, starts1, starts2] = padded.size.map((size, i) =>
    windowPositions(size, roiSize[i] as number, overlap),
  ) as [number[], number[], number[]];
  const slab = createSlab({ classes, roiSize, padded, sink, weights: importanceMap(roiSize, mode, sigmaScale) });
  const places = starts0.flatMap((z) => starts1.flatMap((y) => starts2.map((x): Triple => [z, y, x])));
  const voxels = image.shape[0] * roiSize[0] * roiSize[1] * roiSize[2];
  const windows = Array.from({ length: ahead }, () => new Float32Array(voxels));
  const asked: Promise<Float32Array>[] = [];
  const ask = ([z, y, x]: Triple): void => {
    const window = windows[asked.length % ahead] as Float32Array;
    copyWindow(image, window, { at: [z - padded.before[0], y - padded.before[1], x - padded.before[2]], roiSize });
    const answer = predict(window);
    // One that fails while another is waited for is met when its turn comes, or never.
    answer.catch(() => undefined);
    asked.push(answer);
  };
  for (const [done, place] of places.entries()) {
    if (signal?.aborted)
      throw new VesaliusError('INTERRUPTED', {
        what: 'prediction',
        got: `stopped after ${done} of ${places.length} windows`,
      });
    for (const next of places.slice(asked.length, done + ahead)) ask(next);
    slab.flushBefore(place[0]);
    slab.add(await (asked[done] as Promise<Float32Array>), place);
    delete asked[done];
    onProgress?.(done + 1, places.length);
  }
  slab.flushBefore(padded.size[0]);
}

interface Padded {
  readonly size: Triple;
  readonly before: Triple;
  readonly image: Triple;
}

function paddedSize({ shape: [, ...size] }: InferenceImage, roiSize: Triple): Padded {
  const missing = size.map((length, i) => Math.max(0, (roiSize[i] as number) - length));
  return {
    size: size.map((length, i) => length + (missing[i] as number)) as unknown as Triple,
    before: missing.map((count) => Math.floor(count / 2)) as unknown as Triple,
    image: size as unknown as Triple,
  };
}

interface WindowPlace {
  readonly at: Triple;
  readonly roiSize: Triple;
}

/** Voxels outside the image are zeros. */
function copyWindow(
  { data, shape: [channels, depth, height, width] }: InferenceImage,
  window: Float32Array,
  place: WindowPlace,
): void {
  const {
    at: [z0, y0, x0],
    roiSize: [d, h, w],
  } = place;
  window.fill(0);
  const first = Math.max(0, -x0);
  const last = Math.min(w, width - x0);
  for (let c = 0; c < channels; c++) {
    for (let z = Math.max(0, -z0); z < Math.min(d, depth - z0); z++) {
      for (let y = Math.max(0, -y0); y < Math.min(h, height - y0); y++) {
        const from = ((c * depth + z0 + z) * height + y0 + y) * width + x0;
        window.set(data.subarray(from + first, from + last), ((c * d + z) * h + y) * w + first);
      }
    }
  }
}

interface SlabOptions {
  readonly classes: number;
  readonly roiSize: Triple;
  readonly padded: Padded;
  readonly weights: Float32Array;
  readonly sink: SliceSink;
}

interface Slab {
  add(prediction: Float32Array, place: Triple): void;
  flushBefore(z: number): void;
}

/** Running sums of the slices that windows at hand can reach: a ring one window deep. */
function createSlab({ classes, roiSize: [d, h, w], padded, weights, sink }: SlabOptions): Slab {
  const [, height, width] = padded.size;
  const area = height * width;
  const sums = new Float32Array(d * classes * area);
  const norms = new Float32Array(d * area);
  let flushed = 0;
  const add: Slab['add'] = (prediction, [z0, y0, x0]) => {
    for (let z = 0; z < d; z++) {
      const ring = (z0 + z) % d;
      for (let y = 0; y < h; y++) {
        const row = (y0 + y) * width + x0;
        const weightRow = (z * h + y) * w;
        for (let x = 0; x < w; x++)
          norms[ring * area + row + x] = (norms[ring * area + row + x] as number) + (weights[weightRow + x] as number);
        for (let k = 0; k < classes; k++) {
          const to = (ring * classes + k) * area + row;
          const from = ((k * d + z) * h + y) * w;
          for (let x = 0; x < w; x++)
            sums[to + x] =
              (sums[to + x] as number) + (prediction[from + x] as number) * (weights[weightRow + x] as number);
        }
      }
    }
  };
  const flushBefore: Slab['flushBefore'] = (end) => {
    for (; flushed < end; flushed++) {
      const ring = flushed % d;
      const slice = sums.subarray(ring * classes * area, (ring + 1) * classes * area);
      const norm = norms.subarray(ring * area, (ring + 1) * area);
      const z = flushed - padded.before[0];
      if (z >= 0 && z < padded.image[0]) sink(z, averaged(slice, norm, { classes, padded }));
      slice.fill(0);
      norm.fill(0);
    }
  };
  return { add, flushBefore };
}

/** Divides by the weights and cuts the padding off. */
function averaged(
  slice: Float32Array,
  norm: Float32Array,
  { classes, padded }: { classes: number; padded: Padded },
): Float32Array {
  const [, height, width] = padded.size;
  const [, imageHeight, imageWidth] = padded.image;
  const result = new Float32Array(classes * imageHeight * imageWidth);
  for (let k = 0; k < classes; k++) {
    for (let y = 0; y < imageHeight; y++) {
      const row = (y + padded.before[1]) * width + padded.before[2];
      for (let x = 0; x < imageWidth; x++) {
        result[(k * imageHeight + y) * imageWidth + x] =
          (slice[k * height * width + row + x] as number) / (norm[row + x] as number);
      }
    }
  }
  return result;
}
