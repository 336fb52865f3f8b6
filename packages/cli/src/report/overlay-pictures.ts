import { encodePng } from '@vesalius/engine';
import { summarize } from '@vesalius/medical';
import { reorient, spacingMm, type Volume } from '@vesalius/volume';
import { classColour } from './class-colours.ts';
import type { ReportPicture } from './training-report.ts';

export interface OverlayOptions {
  /** 3-D, on the grid of both label maps. */
  readonly image: Volume;
  readonly truth: Volume;
  readonly prediction: Volume;
  /** Values of the label maps, in the order of the colours; without the background. */
  readonly classValues: readonly number[];
  /** Longest side of a picture in pixels. */
  readonly pixels?: number;
}

/** The image axes that run right and down, seen as radiologists do: patient's left on the right; `-` runs against the axis. */
const PLANES = [
  { plane: 'axial', right: 0, down: 1, through: 2, upsideDown: false },
  { plane: 'coronal', right: 0, down: 2, through: 1, upsideDown: true },
  { plane: 'sagittal', right: 1, down: 2, through: 0, upsideDown: true },
] as const;
type Plane = (typeof PLANES)[number];

const FILL = 0.3;

/**
 * Three slices through what was to be found: the prediction as a tint, the truth as a line of the same
 * colour, so that where they part is seen at once.
 */
export async function overlayPictures({ pixels = 300, ...options }: OverlayOptions): Promise<ReportPicture[]> {
  const [image, truth, prediction] = [options.image, options.truth, options.prediction].map((volume) =>
    reorient(volume, 'LPS'),
  ) as [Volume, Volume, Volume];
  const window = grayWindow(image);
  const pictures: ReportPicture[] = [];
  for (const plane of PLANES.filter(({ right, down }) => image.size[right] > 1 && image.size[down] > 1)) {
    const slice =
      fullestSlice(truth, plane.through) ??
      fullestSlice(prediction, plane.through) ??
      Math.floor(image.size[plane.through] / 2);
    const { width, height, voxelAt, grayAt } = pixelGrid(image, plane, { slice, pixels });
    const data = new Uint8Array(3 * width * height);
    const labelAt = (volume: Volume) => (x: number, y: number) => Number(volume.voxels[voxelAt(x, y)]);
    const [drawn, line] = [labelAt(prediction), labelAt(truth)];
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i += 3) {
        const gray = window(grayAt(x, y));
        const edge = edgeValue(line, x, y, { width, height });
        data.set(edge > 0 ? colourOf(edge, options.classValues) : tinted(gray, drawn(x, y), options.classValues), i);
      }
    }
    pictures.push({ plane: plane.plane, width, height, png: await encodePng({ width, height, channels: 3, data }) });
  }
  return pictures;
}

/** Air to black and the brightest half percent to white. */
function grayWindow({ voxels }: Volume): (value: number) => number {
  const step = Math.max(1, Math.floor(voxels.length / 50_000));
  const sample = Float64Array.from({ length: Math.ceil(voxels.length / step) }, (_, i) =>
    Number(voxels[i * step]),
  ).sort();
  const { percentile0_5: low, percentile99_5: high } = summarize(sample);
  return (value) => Math.min(255, Math.max(0, (255 * (value - low)) / (high - low || 1)));
}

/** The slice that shows most of all classes, small ones counting as much as large ones; none when nothing is labelled. */
function fullestSlice({ voxels, size }: Volume, axis: 0 | 1 | 2): number | undefined {
  const counts = new Map<number, Float64Array>();
  const step = axis === 0 ? 1 : axis === 1 ? size[0] : size[0] * size[1];
  for (let i = 0; i < voxels.length; i++) {
    const value = Number(voxels[i]);
    if (value === 0) continue;
    const ofClass = counts.get(value) ?? new Float64Array(size[axis]);
    counts.set(value, ofClass);
    const at = Math.floor(i / step) % size[axis];
    ofClass[at] = (ofClass[at] as number) + 1;
  }
  const shares = [...counts.values()].map((slices) => slices.map((count) => count / Math.max(...slices)));
  const shown = Array.from({ length: size[axis] }, (_, at) =>
    shares.reduce((sum, share) => sum + (share[at] as number), 0),
  );
  const most = Math.max(...shown);
  return most === 0 ? undefined : shown.indexOf(most);
}

interface PixelGrid {
  readonly width: number;
  readonly height: number;
  /** The voxel a pixel lies in. */
  voxelAt(x: number, y: number): number;
  /** Brightness between the four voxel centres around a pixel. */
  grayAt(x: number, y: number): number;
}

/** Square pixels in millimetres over voxels that may not be square. */
function pixelGrid(
  image: Volume,
  { right, down, through, upsideDown }: Plane,
  { slice, pixels }: { slice: number; pixels: number },
): PixelGrid {
  const spacing = spacingMm(image);
  const [columns, rows] = [image.size[right], image.size[down]];
  const [widthMm, heightMm] = [columns * spacing[right], rows * spacing[down]];
  const perMm = pixels / Math.max(widthMm, heightMm);
  const [width, height] = [Math.max(1, Math.round(widthMm * perMm)), Math.max(1, Math.round(heightMm * perMm))];
  const steps = [1, image.size[0], image.size[0] * image.size[1]] as const;
  const voxel = (column: number, row: number): number => {
    const [c, r] = [clamp(column, columns), clamp(row, rows)];
    return c * steps[right] + (upsideDown ? rows - 1 - r : r) * steps[down] + slice * steps[through];
  };
  const place = (x: number, y: number) => [((x + 0.5) / width) * columns, ((y + 0.5) / height) * rows] as const;
  return {
    width,
    height,
    voxelAt: (x, y) => voxel(...(place(x, y).map(Math.floor) as [number, number])),
    grayAt: (x, y) => {
      const [column, row] = place(x, y).map((at) => at - 0.5) as [number, number];
      const [c, r] = [Math.floor(column), Math.floor(row)];
      const between = (atRow: number) =>
        mix(Number(image.voxels[voxel(c, atRow)]), Number(image.voxels[voxel(c + 1, atRow)]), column - c);
      return mix(between(r), between(r + 1), row - r);
    },
  };
}

function clamp(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, index));
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** The class whose border runs through a pixel, drawn two pixels wide inside the structure; 0 where none does. */
function edgeValue(
  labelAt: (x: number, y: number) => number,
  x: number,
  y: number,
  { width, height }: { width: number; height: number },
): number {
  const own = labelAt(x, y);
  if (own === 0) return 0;
  const around = [
    [-2, 0],
    [2, 0],
    [0, -2],
    [0, 2],
  ] as const;
  const differs = around.some(([dx, dy]) => {
    const [nx, ny] = [x + dx, y + dy];
    return nx >= 0 && ny >= 0 && nx < width && ny < height && labelAt(nx, ny) !== own;
  });
  return differs ? own : 0;
}

function colourOf(value: number, classValues: readonly number[]): readonly number[] {
  return classColour(Math.max(0, classValues.indexOf(value)));
}

function tinted(gray: number, value: number, classValues: readonly number[]): readonly number[] {
  if (value === 0) return [gray, gray, gray];
  return colourOf(value, classValues).map((channel) => gray * (1 - FILL) + channel * FILL);
}
