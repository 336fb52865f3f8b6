import { VesaliusError } from '@vesalius/errors';
import { float32ToFloat16 } from '../binary/half-precision.ts';
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
      return float32ToFloat16(Float32Array.from(values));
    case 'int64':
      return BigInt64Array.from(Array.from(values, BigInt));
    case 'int32':
      return Int32Array.from(values);
    default:
      return Uint8Array.from(values);
  }
}
