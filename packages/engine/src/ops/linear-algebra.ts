import { VesaliusError } from '@vesalius/errors';
import { broadcastShape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { applyOne, only, pair, sameDtype } from './apply-op.ts';
import type { OpRule } from './op-rule.ts';
import { sum } from './reduction.ts';
import { reshape, transpose } from './shaping.ts';

interface MatMulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly scale: number;
}

/** Matrix products times a number; the flags say which operand is read with its last two axes exchanged. */
export const linearAlgebraRules = {
  matMul: {
    shape: (inputs, attributes) => {
      const [a, b] = pair(inputs, 'matMul');
      sameDtype('matMul', inputs);
      const { transposeA, transposeB } = attributes as unknown as MatMulAttributes;
      const [rows, inner] = matrixSize(a, transposeA);
      const [innerB, columns] = matrixSize(b, transposeB);
      if (inner !== innerB) {
        throw new VesaliusError('SHAPE_MISMATCH', { what: 'matMul: inner size', got: b.shape, expected: a.shape });
      }
      const batch = broadcastShape('matMul: batch axes', a.shape.slice(0, -2), b.shape.slice(0, -2));
      return [{ shape: [...batch, rows, columns], dtype: a.dtype }];
    },
    gradient: ({ node, inputs, outputGradients, needs }, $) => {
      const [a, b] = pair(inputs, 'matMul');
      const dy = only(outputGradients, 'matMul');
      const { transposeA, transposeB, scale } = node.attributes as unknown as MatMulAttributes;
      const da = (): Tensor =>
        transposeA
          ? $.matMul(b, dy, { transposeA: transposeB, transposeB: true, scale })
          : $.matMul(dy, b, { transposeB: !transposeB, scale });
      const db = (): Tensor =>
        transposeB
          ? $.matMul(dy, a, { transposeA: true, transposeB: transposeA, scale })
          : $.matMul(a, dy, { transposeA: !transposeA, scale });
      return [needs(0) ? $.sumTo(da(), a.shape) : null, needs(1) ? $.sumTo(db(), b.shape) : null];
    },
    toOnnx: ({ inputs, attributes }, emit) => {
      const [a, b] = pair(inputs, 'matMul');
      const { transposeA, transposeB, scale } = attributes as unknown as MatMulAttributes;
      return [
        emit.matMul(emit.name(a), emit.name(b), {
          transposeA,
          transposeB,
          scale: { by: scale, dtype: a.dtype },
          rankA: a.shape.length,
          rankB: b.shape.length,
        }),
      ];
    },
  },
} as const satisfies Record<string, OpRule>;

function matrixSize({ shape }: Tensor, transposed: boolean): [number, number] {
  const [rows, columns] = [shape.at(-2), shape.at(-1)];
  if (rows === undefined || columns === undefined) {
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'matMul: operand', got: shape, expected: 'at least 2 axes' });
  }
  return transposed ? [columns, rows] : [rows, columns];
}

/** Matrix product over the last two axes, times `scale`; the axes before broadcast. */
export function matMul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false, scale = 1 } = {}): Tensor {
  return applyOne('matMul', linearAlgebraRules.matMul, [a, b], { transposeA, transposeB, scale });
}

/**
 * Sums of products named by letters, `bhqd,bhkd->bhqk`, for one or two operands.
 *
 * @throws INVALID_ARGUMENT for repeated letters within an operand or unknown letters in the result
 * @source Einstein summation as in numpy.einsum
 */
export function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  const [left = '', result = ''] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  const bad = (got: string): VesaliusError =>
    new VesaliusError('INVALID_ARGUMENT', {
      what: `einsum ${equation}`,
      got,
      expected: 'distinct letters, one term an operand',
    });
  if (terms.length !== operands.length || terms.some((term, i) => new Set(term).size !== operands[i]?.shape.length))
    throw bad(left);
  if ([...result].some((letter) => !left.includes(letter)) || new Set(result).size !== result.length) throw bad(result);
  const labelled = terms.map((term, i) =>
    sumUnused({ term, x: only([operands[i]], 'einsum') }, terms.toSpliced(i, 1).join('') + result),
  );
  const product = labelled.length === 1 ? only(labelled, 'einsum') : contract(...pair(labelled, 'einsum'), result);
  return transpose(
    product.x,
    [...result].map((letter) => product.term.indexOf(letter)),
  );
}

interface Labelled {
  readonly term: string;
  readonly x: Tensor;
}

function sumUnused({ term, x }: Labelled, used: string): Labelled {
  const axes = [...term].flatMap((letter, axis) => (used.includes(letter) ? [] : [axis]));
  return {
    term: [...term].filter((letter) => used.includes(letter)).join(''),
    x: axes.length === 0 ? x : sum(x, axes, false),
  };
}

/** One matrix product: shared letters of the result are batch, other shared letters are summed. */
function contract(a: Labelled, b: Labelled, result: string): Labelled {
  const batch = [...a.term].filter((letter) => b.term.includes(letter) && result.includes(letter));
  const inner = [...a.term].filter((letter) => b.term.includes(letter) && !result.includes(letter));
  const rows = [...a.term].filter((letter) => !b.term.includes(letter));
  const columns = [...b.term].filter((letter) => !a.term.includes(letter));
  const size = new Map(
    [a, b].flatMap(({ term, x }) => [...term].map((letter, i) => [letter, x.shape[i] as number] as const)),
  );
  const sizes = (letters: readonly string[]): number[] => letters.map((letter) => size.get(letter) as number);
  const product = (letters: readonly string[]): number => sizes(letters).reduce((p, s) => p * s, 1);
  const arrange = ({ term, x }: Labelled, order: readonly string[]): Tensor =>
    transpose(
      x,
      order.map((letter) => term.indexOf(letter)),
    );
  const left = reshape(arrange(a, [...batch, ...rows, ...inner]), [...sizes(batch), product(rows), product(inner)]);
  const right = reshape(arrange(b, [...batch, ...inner, ...columns]), [
    ...sizes(batch),
    product(inner),
    product(columns),
  ]);
  const term = [...batch, ...rows, ...columns];
  return { term: term.join(''), x: reshape(matMul(left, right), sizes(term)) };
}
