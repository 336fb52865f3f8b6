import type { WeightData } from './weight-tensor.ts';

/** Where element [i, j, ...] stands: `offset + i * strides[0] + j * strides[1] + ...`, counted in elements. */
export interface Strides {
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Whether the elements stand one after the other, last axis fastest. */
export function isRowOrder(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    if (size !== 1 && strides[axis] !== step) return false;
    step *= size;
  }
  return true;
}

/** Elements laid out by strides, copied one after the other, last axis fastest. */
export function inRowOrder<D extends WeightData>(data: D, shape: readonly number[], { strides, offset }: Strides): D {
  const count = shape.reduce((product, size) => product * size, 1);
  const out = new (data.constructor as new (length: number) => D)(count);
  const index = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < count; to++) {
    out[to] = data[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const step = strides[axis] as number;
      from += step;
      if (++(index[axis] as number) < (shape[axis] as number)) break;
      from -= step * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return out;
}
