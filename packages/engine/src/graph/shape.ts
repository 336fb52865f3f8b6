import { VesaliusError } from '@vesalius/errors';

/** Sizes along each axis, slowest first. Always static: a graph is built for one shape. */
export type Shape = readonly number[];

export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/**
 * Shape two operands have after broadcasting.
 *
 * @throws SHAPE_MISMATCH when an axis differs and neither is 1
 * @source ONNX, Broadcasting in ONNX (multidirectional)
 */
export function broadcastShape(what: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new VesaliusError('SHAPE_MISMATCH', { what: `${what}: shapes that do not broadcast`, got: b, expected: a });
    }
    return left === 1 ? right : left;
  });
}

/** Axis counted from the front: -1 is the last. */
export function positiveAxis(what: string, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: `${what}: axis`,
      got: axis,
      expected: `-${rank} to ${rank - 1}`,
    });
  }
  return positive;
}

export function range(length: number, start = 0): number[] {
  return Array.from({ length }, (_, i) => start + i);
}

/** Throws SHAPE_MISMATCH unless the shapes are equal. */
export function assertShape(what: string, got: Shape, expected: Shape): void {
  if (!sameShape(got, expected)) throw new VesaliusError('SHAPE_MISMATCH', { what, got, expected });
}

export function assertRank(what: string, shape: Shape, rank: number): void {
  if (shape.length !== rank) {
    throw new VesaliusError('SHAPE_MISMATCH', { what: `${what}: axes`, got: shape, expected: `${rank} axes` });
  }
}
