/** Edge of a picture in pixels. */
export const SIZE = 64;

/** `[B, C, H, W]` of image and target. */
export const BATCH_SHAPE = [2, 1, SIZE, SIZE] as const;

export interface Batch {
  readonly image: Float32Array<ArrayBuffer>;
  /** 1 on the lesions, 0 elsewhere. */
  readonly target: Float32Array<ArrayBuffer>;
}

/**
 * Drawn slices: a body with organs of many brightnesses, shading across the field, noise, and round lesions a little
 * brighter than what they lie in. The same number gives the same batch, to the bit, everywhere: only arithmetic that
 * IEEE 754 defines is used.
 */
export function drawBatch(number: number): Batch {
  const random = randomFrom(number);
  const [batch, , height, width] = BATCH_SHAPE;
  const image = new Float32Array(batch * height * width);
  const target = new Float32Array(image.length);
  for (let i = 0; i < batch; i++) {
    const pixels = i * height * width;
    drawSlice(
      random,
      image.subarray(pixels, pixels + height * width),
      target.subarray(pixels, pixels + height * width),
    );
  }
  return { image, target };
}

function drawSlice(random: () => number, image: Float32Array, target: Float32Array): void {
  const body = ellipse(random, { centre: 4, radius: [0.36, 0.44], brightness: 0.35 });
  const organs = Array.from({ length: 5 }, () =>
    ellipse(random, { centre: 30, radius: [0.06, 0.16], brightness: (random() - 0.5) * 0.5 }),
  );
  const lesions = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const shape = ellipse(random, { centre: 26, radius: [0.04, 0.09], brightness: 0.28 });
    return { ...shape, b: shape.a * (0.85 + random() * 0.3) };
  });
  const [slopeX, slopeY] = [(random() - 0.5) * 0.4, (random() - 0.5) * 0.4];
  for (let p = 0; p < image.length; p++) {
    const [x, y] = [p % SIZE, Math.floor(p / SIZE)];
    const inside = covers(body, x, y);
    const lesion = lesions.find((each) => covers(each, x, y));
    const tissue = organs.reduce((sum, organ) => sum + (covers(organ, x, y) ? organ.brightness : 0), body.brightness);
    const shade = 1 + (slopeX * (x - SIZE / 2) + slopeY * (y - SIZE / 2)) / SIZE;
    const signal = inside ? (tissue + (lesion ? lesion.brightness : 0)) * shade : 0;
    image[p] = signal + (random() + random() + random() - 1.5) * 0.12;
    target[p] = inside && lesion ? 1 : 0;
  }
}

interface Ellipse {
  readonly x: number;
  readonly y: number;
  /** Half axes in pixels. */
  readonly a: number;
  readonly b: number;
  readonly brightness: number;
}

interface EllipseLimits {
  /** How far from the middle the centre may lie, edge to edge, in pixels. */
  readonly centre: number;
  /** Lowest and highest half axis, as shares of the picture. */
  readonly radius: readonly [number, number];
  readonly brightness: number;
}

function ellipse(random: () => number, { centre, radius: [least, most], brightness }: EllipseLimits): Ellipse {
  const place = (): number => SIZE / 2 + (random() - 0.5) * centre;
  const halfAxis = (): number => (least + random() * (most - least)) * SIZE;
  return { x: place(), y: place(), a: halfAxis(), b: halfAxis(), brightness };
}

function covers({ x, y, a, b }: Ellipse, pixelX: number, pixelY: number): boolean {
  return ((pixelX - x) / a) ** 2 + ((pixelY - y) / b) ** 2 <= 1;
}

/** In [0, 1). @source Ettinger 2017, mulberry32 */
function randomFrom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b9);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
