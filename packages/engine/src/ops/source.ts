import { VesaliusError } from '@vesalius/errors';
import type { DType, TensorData } from '../graph/dtype.ts';
import { elementCount, type Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { applyOne } from './apply-op.ts';
import type { OpRule } from './op-rule.ts';

const declared: OpRule['shape'] = (_, attributes) => {
  const { shape, dtype } = attributes as { shape: Shape; dtype: DType };
  return [{ shape, dtype }];
};

/** Where values enter the graph. */
export const sourceRules = {
  input: {
    shape: declared,
    gradient: () => [],
    toOnnx: (node) => [node.attributes['name'] as string],
  },
  constant: {
    shape: declared,
    gradient: () => [],
    toOnnx: ({ attributes }, emit) => {
      const { shape, dtype, data } = attributes as { shape: Shape; dtype: DType; data: TensorData };
      return [emit.constant(data, shape, dtype)];
    },
  },
} as const satisfies Record<string, OpRule>;

/** A value fed at every run: data, parameters, learning rate, random keys. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  return applyOne('input', sourceRules.input, [], { name, shape, dtype });
}

/**
 * A fixed tensor.
 *
 * @throws SHAPE_MISMATCH when the data has another number of elements than the shape
 */
export function constant(values: ArrayLike<number>, shape: Shape, dtype: DType = 'float32'): Tensor {
  if (values.length !== elementCount(shape)) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'constant: elements',
      got: values.length,
      expected: elementCount(shape),
    });
  }
  return applyOne('constant', sourceRules.constant, [], { shape, dtype, data: typed(values, dtype) });
}

/** A scalar of the same element type as another tensor. */
export function scalarLike(value: number, like: Tensor): Tensor {
  return constant([value], [], like.dtype);
}

function typed(values: ArrayLike<number>, dtype: DType): TensorData {
  switch (dtype) {
    case 'float32':
      return values instanceof Float32Array ? values : Float32Array.from(values);
    case 'float64':
      return Float64Array.from(values);
    case 'float16':
      return Uint16Array.from(values, float16Bits);
    case 'int64':
      return BigInt64Array.from(Array.from(values, BigInt));
    case 'int32':
      return Int32Array.from(values);
    default:
      return Uint8Array.from(values);
  }
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** Bits of the nearest half-precision number, ties to even. @source IEEE 754-2019 */
function float16Bits(value: number): number {
  single[0] = value;
  const word = bits[0] as number;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x33000001) return sign;
  const exponent = magnitude >>> 23;
  const shift = exponent < 113 ? 126 - exponent : 13;
  const significand = exponent < 113 ? (magnitude & 0x7fffff) | 0x800000 : magnitude - (112 << 23);
  const halfway = 1 << (shift - 1);
  const rounded = (significand + halfway - 1 + ((significand >>> shift) & 1)) >>> shift;
  return sign | rounded;
}
