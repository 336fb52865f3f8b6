/** A solid in millimetres; `rotation` (3x3, row-major) turns patient axes to its own. */
export interface Ellipsoid {
  readonly centre: readonly [number, number, number];
  readonly semiAxes: readonly [number, number, number];
  readonly rotation: readonly number[];
}

/** How far out a place lies: 0 at the centre, 1 on the surface. */
export function radiusIn({ centre, semiAxes, rotation: r }: Ellipsoid, x: number, y: number, z: number): number {
  const [dx, dy, dz] = [x - centre[0], y - centre[1], z - centre[2]];
  const a = ((r[0] as number) * dx + (r[1] as number) * dy + (r[2] as number) * dz) / semiAxes[0];
  const b = ((r[3] as number) * dx + (r[4] as number) * dy + (r[5] as number) * dz) / semiAxes[1];
  const c = ((r[6] as number) * dx + (r[7] as number) * dy + (r[8] as number) * dz) / semiAxes[2];
  return Math.sqrt(a * a + b * b + c * c);
}

/** Rotations about x, then y, then z, in degrees. */
export function rotationOf(degreesX: number, degreesY: number, degreesZ: number): number[] {
  const [a, b, c] = [degreesX, degreesY, degreesZ].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
  ];
  const [sa, ca, sb, cb, sc, cc] = [Math.sin(a), Math.cos(a), Math.sin(b), Math.cos(b), Math.sin(c), Math.cos(c)];
  return [
    ...[cc * cb, cc * sb * sa - sc * ca, cc * sb * ca + sc * sa],
    ...[sc * cb, sc * sb * sa + cc * ca, sc * sb * ca - cc * sa],
    ...[-sb, cb * sa, cb * ca],
  ];
}

/** From an ellipsoid's own axes, in millimetres from its centre, to the patient. */
export function placeIn(
  { centre, rotation: r }: Pick<Ellipsoid, 'centre' | 'rotation'>,
  own: readonly [number, number, number],
): [number, number, number] {
  const at = (column: number): number =>
    (r[column] as number) * own[0] + (r[column + 3] as number) * own[1] + (r[column + 6] as number) * own[2];
  return [centre[0] + at(0), centre[1] + at(1), centre[2] + at(2)];
}
