/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** White of D50, which PCS values are of: PS3.3 C.10.7.1.1. */
const WHITE = [0.9642, 1, 0.8249] as const;
/** From linear sRGB to XYZ of D50, adapted after Bradford. */
const TO_XYZ = [0.4360747, 0.3850649, 0.1430804, 0.2225045, 0.7168786, 0.0606169, 0.0139322, 0.0971045, 0.7141733];
const TO_RGB = [3.1338561, -1.6168667, -0.4906146, -0.9787684, 1.9161415, 0.033454, 0.0719453, -0.2289914, 1.4052427];
const EDGE = 6 / 29;

/** A colour as CIELab in the 16 bits of `RecommendedDisplayCIELabValue`. */
export function labOf(color: Rgb): number[] {
  const linear = color.map((value) => expand(value / 255));
  const [x, y, z] = times(TO_XYZ, linear).map((value, i) => bend(value / (WHITE[i] as number))) as [
    number,
    number,
    number,
  ];
  const lab = [(116 * y - 16) / 100, (500 * (x - y) + 128) / 255, (200 * (y - z) + 128) / 255];
  return lab.map((share) => Math.round(Math.min(1, Math.max(0, share)) * 65535));
}

export function rgbOf(lab: readonly number[]): Rgb {
  const [l = 0, a = 0, b = 0] = lab.map((value) => value / 65535);
  const y = (100 * l + 16) / 116;
  const xyz = [y + (255 * a - 128) / 500, y, y - (255 * b - 128) / 200].map((f, i) => unbend(f) * (WHITE[i] as number));
  return times(TO_RGB, xyz).map((value) =>
    Math.round(255 * Math.min(1, Math.max(0, compress(value)))),
  ) as unknown as Rgb;
}

function times(matrix: readonly number[], [x = 0, y = 0, z = 0]: readonly number[]): number[] {
  return [0, 3, 6].map(
    (row) => (matrix[row] as number) * x + (matrix[row + 1] as number) * y + (matrix[row + 2] as number) * z,
  );
}

function expand(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function compress(value: number): number {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}

function bend(t: number): number {
  return t > EDGE ** 3 ? Math.cbrt(t) : t / (3 * EDGE ** 2) + 4 / 29;
}

function unbend(f: number): number {
  return f > EDGE ? f ** 3 : 3 * EDGE ** 2 * (f - 4 / 29);
}
