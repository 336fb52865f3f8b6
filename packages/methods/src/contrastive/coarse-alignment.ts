/** Grey films of one size, in one array. */
export interface Films {
  /** `[N, side, side]` */
  readonly pixels: Uint8Array;
  readonly side: number;
  /** Whom each film shows, where it is known: films of one patient are no two patients. */
  readonly patients?: readonly string[];
}

/** From the common frame to a film, both from 0 to 1: film = shift + scale * frame. */
export interface Placement {
  readonly scale: readonly [number, number];
  readonly shift: readonly [number, number];
}

export const UNMOVED: Placement = { scale: [1, 1], shift: [0, 0] };

const SIDE = 32;
const ROUNDS = 3;
const SAMPLE = 400;
const STEPS = [0.08, 0.04, 0.02];
/** How much likeness a scale must win to leave 1 by 1. */
const RELUCTANCE = 0.3;

export const filmCount = ({ pixels, side }: Films): number => pixels.length / (side * side);

/**
 * The mean film that the others are laid over: made of up to 400 films, each time after they were laid over the last one.
 *
 * @returns `[32, 32]`, of mean 0 and deviation 1
 */
export function frameOf(films: Films): Float32Array {
  const count = filmCount(films);
  const chosen = Array.from({ length: Math.min(SAMPLE, count) }, (_, i) =>
    Math.floor((i * count) / Math.min(SAMPLE, count)),
  );
  let frame = meanFilm(
    films,
    chosen.map((film) => [film, UNMOVED]),
  );
  for (let round = 0; round < ROUNDS; round++)
    frame = meanFilm(
      films,
      chosen.map((film) => [film, alignFilm(films, film, frame)]),
    );
  return frame;
}

function meanFilm(films: Films, placed: readonly (readonly [number, Placement])[]): Float32Array {
  const sum = new Float32Array(SIDE * SIDE);
  for (const [film, placement] of placed)
    for (const [i, value] of laidOver(films, film, placement).entries()) sum[i] = (sum[i] as number) + value;
  return standardized(sum);
}

/** Where a film shows what the frame shows: scales and shifts along both axes that make them most alike, found by descent. */
export function alignFilm(films: Films, film: number, frame: Float32Array): Placement {
  let best = [1, 1, 0.5, 0.5];
  let score = scoreOf(films, film, frame, best);
  for (const step of STEPS)
    for (let moved = true, turns = 0; moved && turns < 12; turns++) {
      moved = false;
      for (const axis of [0, 1, 2, 3])
        for (const sign of [1, -1]) {
          const tried = best.with(axis, (best[axis] as number) + sign * step);
          const found = scoreOf(films, film, frame, tried);
          if (found <= score) continue;
          [best, score, moved] = [tried, found, true];
        }
    }
  return placementOf(best);
}

/** Of two scales and a centre. */
function placementOf([sx = 1, sy = 1, cx = 0.5, cy = 0.5]: readonly number[]): Placement {
  return { scale: [sx, sy], shift: [cx - sx / 2, cy - sy / 2] };
}

function scoreOf(films: Films, film: number, frame: Float32Array, numbers: readonly number[]): number {
  const [sx = 1, sy = 1, cx = 0.5, cy = 0.5] = numbers;
  const unlike = Math.log(sx) ** 2 + Math.log(sy) ** 2 + (cx - 0.5) ** 2 + (cy - 0.5) ** 2;
  const laid = laidOver(films, film, placementOf(numbers));
  let product = 0;
  for (let i = 0; i < laid.length; i++) product += (laid[i] as number) * (frame[i] as number);
  return product / laid.length - RELUCTANCE * unlike;
}

function laidOver({ pixels, side }: Films, film: number, { scale, shift }: Placement): Float32Array {
  const out = new Float32Array(SIDE * SIDE);
  const from = film * side * side;
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const u = shift[0] + (scale[0] * (x + 0.5)) / SIDE;
      const v = shift[1] + (scale[1] * (y + 0.5)) / SIDE;
      out[y * SIDE + x] = pixelAt(pixels, { from, side, x: u * side - 0.5, y: v * side - 0.5 });
    }
  return standardized(out);
}

export interface PixelPlace {
  /** Where the film begins. */
  readonly from: number;
  readonly side: number;
  readonly x: number;
  readonly y: number;
}

/** Between four pixels; the edge goes on outside. */
export function pixelAt(pixels: Uint8Array, { from, side, x, y }: PixelPlace): number {
  const cx = Math.min(side - 1, Math.max(0, x));
  const cy = Math.min(side - 1, Math.max(0, y));
  const x0 = Math.min(side - 2, Math.floor(cx));
  const y0 = Math.min(side - 2, Math.floor(cy));
  const at = from + y0 * side + x0;
  const [a, b] = [cx - x0, cy - y0];
  const top = (pixels[at] as number) * (1 - a) + (pixels[at + 1] as number) * a;
  const low = (pixels[at + side] as number) * (1 - a) + (pixels[at + side + 1] as number) * a;
  return top * (1 - b) + low * b;
}

/** In place: mean 0, deviation 1. */
export function standardized(values: Float32Array): Float32Array {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  const deviation = Math.sqrt(Math.max(1e-6, squares / values.length - mean * mean));
  for (let i = 0; i < values.length; i++) values[i] = ((values[i] as number) - mean) / deviation;
  return values;
}
