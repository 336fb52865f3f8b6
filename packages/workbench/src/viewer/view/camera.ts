import type { PlaneLayout } from '../slices/plane-layout.ts';

/** How a plane is looked at. */
export interface Camera {
  /** 1 shows all of it. */
  readonly zoom: number;
  /** From the middle, in shares of the height of the view. */
  readonly pan: readonly [x: number, y: number];
  /** Quarter turns to the right. */
  readonly turns: number;
  readonly flipX: boolean;
  readonly flipY: boolean;
}

export const STRAIGHT: Camera = { zoom: 1, pan: [0, 0], turns: 0, flipX: false, flipY: false };

/** `x' = a x + c y + e`, `y' = b x + d y + f`, as a canvas takes it. */
export type Matrix2d = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** From pixels of the plane, whose corners are integers, to those of the canvas. */
export function cameraMatrix(
  camera: Camera,
  layout: PlaneLayout,
  [width, height]: readonly [number, number],
): Matrix2d {
  const [mmX, mmY] = layout.pixelMm;
  const [wide, high] = [layout.columns * mmX, layout.rows * mmY];
  const [boxX, boxY] = camera.turns % 2 === 0 ? [wide, high] : [high, wide];
  const scale = Math.min(width / boxX, height / boxY) * camera.zoom;
  const [cos, sin] = [
    Math.round(Math.cos((camera.turns * Math.PI) / 2)),
    Math.round(Math.sin((camera.turns * Math.PI) / 2)),
  ];
  const [sx, sy] = [scale * mmX * (camera.flipX ? -1 : 1), scale * mmY * (camera.flipY ? -1 : 1)];
  const [a, b, c, d] = [cos * sx, sin * sx, -sin * sy, cos * sy];
  const [midX, midY] = [layout.columns / 2, layout.rows / 2];
  const [toX, toY] = [width / 2 + camera.pan[0] * height, height / 2 + camera.pan[1] * height];
  return [a, b, c, d, toX - a * midX - c * midY, toY - b * midX - d * midY];
}

export function transformPoint([a, b, c, d, e, f]: Matrix2d, [x, y]: readonly [number, number]): [number, number] {
  return [a * x + c * y + e, b * x + d * y + f];
}

export function invertMatrix([a, b, c, d, e, f]: Matrix2d): Matrix2d {
  const determinant = a * d - b * c;
  const [ia, ib, ic, id] = [d / determinant, -b / determinant, -c / determinant, a / determinant];
  return [ia, ib, ic, id, -(ia * e + ic * f), -(ib * e + id * f)];
}

/** The letters at left, right, top and bottom of the view. */
export function lettersSeen(letters: PlaneLayout['letters'], { turns, flipX, flipY }: Camera): PlaneLayout['letters'] {
  let [left, right, top, bottom] = letters;
  if (flipX) [left, right] = [right, left];
  if (flipY) [top, bottom] = [bottom, top];
  for (let i = 0; i < ((turns % 4) + 4) % 4; i++) [left, right, top, bottom] = [bottom, top, left, right];
  return [left, right, top, bottom];
}
