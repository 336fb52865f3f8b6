import type { Random } from '@vesalius/engine';
import { type Films, type Placement, pixelAt, standardized, UNMOVED } from './coarse-alignment.ts';
import { CELL } from './film-encoder.ts';

/** What one step of a pre-training is given. */
export interface ViewBatch {
  /** `[B, 1, size, size]`: two views of each film. */
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** Of the anatomy-aware method. */
  readonly places?: PlaceBatch;
}

/** K places of the common frame that both views show. */
export interface PlaceBatch {
  /** `[K]`: their cells in the first views and in the second. */
  readonly first: readonly number[];
  readonly second: readonly number[];
  /** `[K, K]`: 1 where two places are far enough from each other to be told apart. */
  readonly apart: Float32Array;
  /** `[B, K]`: 1 where a film's first view and the next film's second show the place alike. */
  readonly alike: Float32Array;
}

export interface ViewOptions {
  readonly batchSize: number;
  readonly size: number;
  /** From the common frame to each film; with it, views lie on the frame's stable grid. */
  readonly placements?: readonly Placement[];
  /** Number of places drawn, 48 by default. */
  readonly placeCount?: number;
}

/** The frame is this many times as wide as a view. */
const FRAME = 1.25;
/** Cells that are no negatives of each other lie within this distance. */
const NEAR = 2;
/** Correlation of two patients' patches from which they count as the same place. */
const ALIKE = 0.3;
/** Cells that a patch reaches to each side of its own. */
const REACH = 1;

/** Draws a batch of films, all different while there are enough, and two views of each. */
export function drawViews(films: Films, chosen: readonly number[], random: Random, options: ViewOptions): ViewBatch {
  const { size, placements } = options;
  const [first, second] = [0, 1].map(() => new Float32Array(chosen.length * size * size)) as [
    Float32Array,
    Float32Array,
  ];
  const windows = placements && [gridWindow(random, size), gridWindow(random, size)];
  for (const [v, out] of [first, second].entries())
    for (const [n, film] of chosen.entries()) {
      const window = windows?.[v] ?? freeWindow(random);
      const placement = placements?.[film] ?? UNMOVED;
      const turn = (random.uniform(-1, 1) * (placements ? 4 : 10) * Math.PI) / 180;
      const zoom = placements ? random.uniform(0.95, 1.05) : 1;
      drawView(
        films,
        { film, placement, window, turn, zoom, random },
        out.subarray(n * size * size, (n + 1) * size * size),
      );
    }
  if (!windows) return { first, second };
  return { first, second, places: drawPlaces(films, chosen, random, { ...options, first, second, windows }) };
}

/** Of the frame or the film, from 0 to 1. */
interface Window {
  readonly x: number;
  readonly y: number;
  readonly extent: number;
}

function freeWindow(random: Random): Window {
  const extent = Math.sqrt(random.uniform(0.4, 1));
  return { extent, x: random.uniform(0, 1 - extent), y: random.uniform(0, 1 - extent) };
}

/** All views of one kind in a batch lie on the same cells of the frame. */
function gridWindow(random: Random, size: number): Window {
  const cells = Math.round((size * FRAME) / CELL);
  const free = cells - size / CELL;
  return { extent: 1 / FRAME, x: random.integer(free + 1) / cells, y: random.integer(free + 1) / cells };
}

interface View {
  readonly film: number;
  readonly placement: Placement;
  readonly window: Window;
  readonly turn: number;
  readonly zoom: number;
  readonly random: Random;
}

function drawView({ pixels, side }: Films, view: View, out: Float32Array): void {
  const { film, placement, window, turn, zoom, random } = view;
  const size = Math.sqrt(out.length);
  const gamma = random.uniform(0.6, 1.6);
  const noise = random.uniform(0, 0.1);
  const [cos, sin] = [Math.cos(turn) * zoom, Math.sin(turn) * zoom];
  const from = film * side * side;
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [u, v] = [(x + 0.5) / size - 0.5, (y + 0.5) / size - 0.5];
      const fx = window.x + window.extent * (0.5 + cos * u - sin * v);
      const fy = window.y + window.extent * (0.5 + sin * u + cos * v);
      const px = (placement.shift[0] + placement.scale[0] * fx) * side - 0.5;
      const py = (placement.shift[1] + placement.scale[1] * fy) * side - 0.5;
      out[y * size + x] = (pixelAt(pixels, { from, side, x: px, y: py }) / 255) ** gamma;
    }
  standardized(out);
  for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + noise * random.uniform(-1.7, 1.7);
}

interface PlacedViews extends ViewOptions {
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly windows: readonly Window[];
}

function drawPlaces({ patients }: Films, chosen: readonly number[], random: Random, views: PlacedViews): PlaceBatch {
  const { size, windows, placeCount = 48 } = views;
  const wide = size / CELL;
  const cells = Math.round((size * FRAME) / CELL);
  const offsets = windows.map(({ x, y }) => [Math.round(x * cells), Math.round(y * cells)] as const);
  const cellIn = (v: number, x: number, y: number): number => {
    const [ox, oy] = offsets[v] as readonly [number, number];
    return x - ox < 0 || y - oy < 0 || x - ox >= wide || y - oy >= wide ? -1 : (y - oy) * wide + x - ox;
  };
  const shared = Array.from({ length: cells * cells }, (_, i) => [i % cells, Math.floor(i / cells)] as const).filter(
    ([x, y]) => cellIn(0, x, y) >= 0 && cellIn(1, x, y) >= 0,
  );
  const drawn = Array.from(
    { length: placeCount },
    () => shared[random.integer(shared.length)] as readonly [number, number],
  );
  const first = drawn.map(([x, y]) => cellIn(0, x, y));
  const second = drawn.map(([x, y]) => cellIn(1, x, y));
  const apart = Float32Array.from(
    drawn.flatMap(([x, y]) => drawn.map(([u, v]) => (Math.max(Math.abs(x - u), Math.abs(y - v)) > NEAR ? 1 : 0))),
  );
  const alike = new Float32Array(chosen.length * placeCount);
  for (const [n, film] of chosen.entries()) {
    const other = (n + 1) % chosen.length;
    if (patients && patients[film] === patients[chosen[other] as number]) continue;
    for (let k = 0; k < placeCount; k++) {
      const a = patchOf(views.first, n, first[k] as number, size);
      const b = patchOf(views.second, other, second[k] as number, size);
      alike[n * placeCount + k] = correlation(a, b) > ALIKE ? 1 : 0;
    }
  }
  return { first, second, apart, alike };
}

function patchOf(views: Float32Array, n: number, cell: number, size: number): Float32Array {
  const wide = size / CELL;
  const width = CELL * (2 * REACH + 1);
  const x0 = Math.min(size - width, Math.max(0, ((cell % wide) - REACH) * CELL));
  const y0 = Math.min(size - width, Math.max(0, (Math.floor(cell / wide) - REACH) * CELL));
  const patch = new Float32Array(width * width);
  for (let y = 0; y < width; y++) {
    const from = n * size * size + (y0 + y) * size + x0;
    patch.set(views.subarray(from, from + width), y * width);
  }
  return standardized(patch);
}

const correlation = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0) / a.length;

/** Films as the encoder is asked about them: made `size` wide, of mean 0 and deviation 1. */
export function plainViews({ pixels, side }: Films, size: number): Float32Array {
  const count = pixels.length / (side * side);
  const views = new Float32Array(count * size * size);
  for (let n = 0; n < count; n++) {
    const out = views.subarray(n * size * size, (n + 1) * size * size);
    for (let i = 0; i < out.length; i++) {
      const [x, y] = [(((i % size) + 0.5) / size) * side - 0.5, ((Math.floor(i / size) + 0.5) / size) * side - 0.5];
      out[i] = pixelAt(pixels, { from: n * side * side, side, x, y });
    }
    standardized(out);
  }
  return views;
}
