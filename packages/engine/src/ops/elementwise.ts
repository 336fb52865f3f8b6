import { broadcastShape } from '../graph/shape.ts';
import type { Node, Tensor } from '../graph/tensor.ts';
import { applyOne, only, pair, sameDtype } from './apply-op.ts';
import { emitElementwise } from './lowering/elementwise.ts';
import { emitGelu, emitNormalCdf } from './lowering/gelu.ts';
import { emitLeakyRelu, emitSlope } from './lowering/leaky-relu.ts';
import type { GradientContext, Operations, OpRule } from './op-rule.ts';
import { scalarLike } from './source.ts';

/** A tensor, or a number that becomes a scalar of the other operand's element type. */
export type Operand = Tensor | number;

interface Local {
  readonly dy: Tensor;
  readonly a: Tensor;
  readonly b: Tensor;
  readonly y: Tensor;
}

function local({ inputs, outputs, outputGradients }: GradientContext): Local {
  const a = only(inputs, 'gradient');
  return { dy: only(outputGradients, 'gradient'), a, b: inputs[1] ?? a, y: only(outputs, 'gradient') };
}

function unary(onnx: string, derivative: ((local: Local, $: Operations) => Tensor) | 'none'): OpRule {
  return {
    shape: ([x]) => [only([x], onnx)],
    gradient: derivative === 'none' ? 'none' : (context, $) => [derivative(local(context), $)],
    toOnnx: ({ inputs }, emit) => [emitElementwise(onnx, inputs, { emit })],
  };
}

const slopeOf = (node: Node): number => node.attributes['negativeSlope'] as number;

type Side = (local: Local, $: Operations) => Tensor;

/** Gradients are summed back over the axes that were broadcast. */
function binary(onnx: string, sides: readonly [Side, Side] | 'none', result?: 'bool'): OpRule {
  return {
    shape: (inputs) => {
      const [a, b] = pair(inputs, onnx);
      sameDtype(onnx, inputs);
      return [{ shape: broadcastShape(onnx, a.shape, b.shape), dtype: result ?? a.dtype }];
    },
    gradient:
      sides === 'none'
        ? 'none'
        : (context, $) =>
            sides.map((side, i) => {
              const operand = context.inputs[i];
              return operand && context.needs(i) ? $.sumTo(side(local(context), $), operand.shape) : null;
            }),
    toOnnx: ({ inputs }, emit) => [emitElementwise(onnx, inputs, { emit })],
  };
}

/** Elementwise operations with one operand, or two that broadcast. */
export const elementwiseRules = {
  neg: unary('Neg', ({ dy }, $) => $.neg(dy)),
  abs: unary('Abs', ({ dy, a }, $) => $.mul(dy, $.sign(a))),
  sign: unary('Sign', ({ a }, $) => $.zerosLike(a)),
  exp: unary('Exp', ({ dy, y }, $) => $.mul(dy, y)),
  log: unary('Log', ({ dy, a }, $) => $.div(dy, a)),
  sqrt: unary('Sqrt', ({ dy, y }, $) => $.div($.mul(dy, 0.5), y)),
  reciprocal: unary('Reciprocal', ({ dy, y }, $) => $.neg($.mul(dy, $.mul(y, y)))),
  sin: unary('Sin', ({ dy, a }, $) => $.mul(dy, $.cos(a))),
  cos: unary('Cos', ({ dy, a }, $) => $.neg($.mul(dy, $.sin(a)))),
  tanh: unary('Tanh', ({ dy, y }, $) => $.mul(dy, $.sub(1, $.mul(y, y)))),
  sigmoid: unary('Sigmoid', ({ dy, y }, $) => $.mul(dy, $.mul(y, $.sub(1, y)))),
  softplus: unary('Softplus', ({ dy, a }, $) => $.mul(dy, $.sigmoid(a))),
  erf: unary('Erf', ({ dy, a }, $) => $.mul(dy, $.mul(2 / Math.sqrt(Math.PI), $.exp($.neg($.mul(a, a)))))),
  normalCdf: {
    ...unary('Erf', ({ dy, a }, $) => $.mul(dy, $.normalDensity(a))),
    toOnnx: ({ inputs }, emit) => [emitNormalCdf(only(inputs, 'normalCdf'), emit)],
  },
  gelu: {
    ...unary('Gelu', ({ dy, a }, $) => $.mul(dy, $.add($.normalCdf(a), $.mul(a, $.normalDensity(a))))),
    // The gradient makes the distribution function from x in any case.
    again: ([x], $) => $.mul(only([x], 'gelu'), $.normalCdf(only([x], 'gelu'))),
    toOnnx: ({ inputs }, emit) => [emitGelu(only(inputs, 'gelu'), emit)],
  },
  // A product with the slope is several times faster than a choice on the CPU.
  relu: unary('Relu', ({ dy, y }, $) => $.mul(dy, $.leakyReluSlope(y, 0))),
  leakyRelu: {
    ...unary('LeakyRelu', 'none'),
    gradient: (context, $) => {
      const [slope, { dy, a, y }] = [slopeOf(context.node), local(context)];
      // A slope that is not negative leaves the sign: x itself need not be kept.
      return [$.mul(dy, $.leakyReluSlope(slope < 0 ? a : y, slope))];
    },
    toOnnx: (node, emit) => [emitLeakyRelu(only(node.inputs, 'leakyRelu'), slopeOf(node), emit)],
  },
  leakyReluSlope: {
    ...unary('LeakyRelu', 'none'),
    gradient: () => [null],
    toOnnx: (node, emit) => [emitSlope(only(node.inputs, 'leakyReluSlope'), slopeOf(node), emit)],
  },
  floor: unary('Floor', ({ a }, $) => $.zerosLike(a)),
  ceil: unary('Ceil', ({ a }, $) => $.zerosLike(a)),
  round: unary('Round', ({ a }, $) => $.zerosLike(a)),
  not: unary('Not', 'none'),
  isNaN: { ...unary('IsNaN', 'none'), shape: ([x]) => [{ shape: only([x], 'isNaN').shape, dtype: 'bool' }] },
  add: binary('Add', [({ dy }) => dy, ({ dy }) => dy]),
  sub: binary('Sub', [({ dy }) => dy, ({ dy }, $) => $.neg(dy)]),
  mul: binary('Mul', [({ dy, b }, $) => $.mul(dy, b), ({ dy, a }, $) => $.mul(dy, a)]),
  div: binary('Div', [({ dy, b }, $) => $.div(dy, b), ({ dy, b, y }, $) => $.neg($.div($.mul(dy, y), b))]),
  pow: binary('Pow', [
    ({ dy, a, b }, $) => $.mul(dy, $.mul(b, $.pow(a, $.sub(b, 1)))),
    ({ dy, a, y }, $) => $.mul(dy, $.mul(y, $.log(a))),
  ]),
  maximum: binary('Max', [
    ({ dy, a, b }, $) => $.where($.less(a, b), 0, dy),
    ({ dy, a, b }, $) => $.where($.less(a, b), dy, 0),
  ]),
  minimum: binary('Min', [
    ({ dy, a, b }, $) => $.where($.greater(a, b), 0, dy),
    ({ dy, a, b }, $) => $.where($.greater(a, b), dy, 0),
  ]),
  mod: binary('Mod', 'none'),
  equal: binary('Equal', 'none', 'bool'),
  greater: binary('Greater', 'none', 'bool'),
  greaterOrEqual: binary('GreaterOrEqual', 'none', 'bool'),
  less: binary('Less', 'none', 'bool'),
  lessOrEqual: binary('LessOrEqual', 'none', 'bool'),
  and: binary('And', 'none'),
  or: binary('Or', 'none'),
  bitwiseAnd: binary('BitwiseAnd', 'none'),
  bitwiseXor: binary('BitwiseXor', 'none'),
} as const satisfies Record<string, OpRule>;

type Elementwise = keyof typeof elementwiseRules;

function one(op: Elementwise, x: Tensor): Tensor {
  return applyOne(op, elementwiseRules[op], [x]);
}

function two(op: Elementwise, a: Operand, b: Operand): Tensor {
  const like = typeof a === 'number' ? b : a;
  const operands = [a, b].map((side) =>
    typeof side === 'number' ? scalarLike(side, only([like as Tensor], op)) : side,
  );
  return applyOne(op, elementwiseRules[op], operands);
}

export const neg = (x: Tensor): Tensor => one('neg', x);
export const abs = (x: Tensor): Tensor => one('abs', x);
export const sign = (x: Tensor): Tensor => one('sign', x);
export const exp = (x: Tensor): Tensor => one('exp', x);
export const log = (x: Tensor): Tensor => one('log', x);
export const sqrt = (x: Tensor): Tensor => one('sqrt', x);
export const reciprocal = (x: Tensor): Tensor => one('reciprocal', x);
export const sin = (x: Tensor): Tensor => one('sin', x);
export const cos = (x: Tensor): Tensor => one('cos', x);
export const tanh = (x: Tensor): Tensor => one('tanh', x);
export const sigmoid = (x: Tensor): Tensor => one('sigmoid', x);
/** log(1 + exp(x)) */
export const softplus = (x: Tensor): Tensor => one('softplus', x);
export const erf = (x: Tensor): Tensor => one('erf', x);
/** Share of the standard normal distribution below x. */
export const normalCdf = (x: Tensor): Tensor => one('normalCdf', x);
export const relu = (x: Tensor): Tensor => one('relu', x);
/** x above zero, `negativeSlope` x below. @source Maas et al. 2013 */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  return applyOne('leakyRelu', elementwiseRules.leakyRelu, [x], { negativeSlope });
}
/** Derivative of `leakyRelu` by x: 1 above zero, `negativeSlope` elsewhere. */
export function leakyReluSlope(x: Tensor, negativeSlope: number): Tensor {
  return applyOne('leakyReluSlope', elementwiseRules.leakyReluSlope, [x], { negativeSlope });
}
export const floor = (x: Tensor): Tensor => one('floor', x);
export const ceil = (x: Tensor): Tensor => one('ceil', x);
/** To the nearest integer, halves to even. */
export const round = (x: Tensor): Tensor => one('round', x);
export const not = (x: Tensor): Tensor => one('not', x);
export const isNan = (x: Tensor): Tensor => one('isNaN', x);
export const add = (a: Operand, b: Operand): Tensor => two('add', a, b);
export const sub = (a: Operand, b: Operand): Tensor => two('sub', a, b);
export const mul = (a: Operand, b: Operand): Tensor => two('mul', a, b);
export const div = (a: Operand, b: Operand): Tensor => two('div', a, b);
export const pow = (a: Operand, b: Operand): Tensor => two('pow', a, b);
export const maximum = (a: Operand, b: Operand): Tensor => two('maximum', a, b);
export const minimum = (a: Operand, b: Operand): Tensor => two('minimum', a, b);
export const mod = (a: Operand, b: Operand): Tensor => two('mod', a, b);
export const equal = (a: Operand, b: Operand): Tensor => two('equal', a, b);
export const greater = (a: Operand, b: Operand): Tensor => two('greater', a, b);
export const greaterOrEqual = (a: Operand, b: Operand): Tensor => two('greaterOrEqual', a, b);
export const less = (a: Operand, b: Operand): Tensor => two('less', a, b);
export const lessOrEqual = (a: Operand, b: Operand): Tensor => two('lessOrEqual', a, b);
export const and = (a: Tensor, b: Tensor): Tensor => two('and', a, b);
export const or = (a: Tensor, b: Tensor): Tensor => two('or', a, b);
export const bitwiseAnd = (a: Operand, b: Operand): Tensor => two('bitwiseAnd', a, b);
export const bitwiseXor = (a: Operand, b: Operand): Tensor => two('bitwiseXor', a, b);
