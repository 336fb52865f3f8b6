import type { TensorProto } from '@vesalius/engine/onnx-file';
import type { GraphNode, GraphValue, ModelGraph } from './model-graph.ts';
import { weightValues } from './weight-values.ts';

type Sides = readonly (number | string)[];

/** Operations whose result has the shape of their first input. */
const SAME =
  /^(Relu|LeakyRelu|PRelu|Sigmoid|Tanh|Softmax|LogSoftmax|Elu|Selu|Gelu|Celu|HardSigmoid|HardSwish|Mish|Softplus|Clip|Erf|Exp|Log|Sqrt|Neg|Abs|Reciprocal|Floor|Ceil|Round|Sign|Identity|Cast|Dropout|BatchNormalization|InstanceNormalization|LayerNormalization|GroupNormalization|LRN|Not)$/;
const BROADCAST = /^(Add|Sub|Mul|Div|Pow|Min|Max|Sum|Mean|And|Or|Where|Mod)$/;

/**
 * What the file states of its values, and what follows from it for common operations, in the order of the nodes; a value of which nothing
 * follows stays unknown.
 */
export function inferValues(
  { nodes, weights, values }: ModelGraph,
  tensors: readonly TensorProto[],
): Map<string, GraphValue> {
  const known = new Map(values);
  const places = new Map(weights.map(({ name }, i) => [name, i]));
  for (const { name, type, shape } of weights) if (!known.has(name)) known.set(name, { type, shape });
  const constant = (name: string | undefined): readonly number[] | undefined => {
    const tensor = tensors[places.get(name ?? '') ?? -1];
    return tensor && Array.from(weightValues(tensor) ?? []);
  };
  for (const node of nodes) {
    const first = known.get(node.inputs[0] ?? '');
    const [name = ''] = node.outputs;
    if (node.kind !== 'op' || name === '' || known.get(name)?.shape) continue;
    const shape = shapeAfter(node, { shapeOf: (input) => known.get(input ?? '')?.shape, constant });
    if (shape) known.set(name, { type: known.get(name)?.type || typeAfter(node, first), shape });
  }
  for (const name of places.keys()) if (!values.has(name)) known.delete(name);
  return known;
}

function typeAfter(node: GraphNode, first: GraphValue | undefined): string {
  return node.op === 'Cast' || node.op === 'Shape' || node.op === 'Where' ? '' : (first?.type ?? '');
}

interface Known {
  readonly shapeOf: (value: string | undefined) => Sides | undefined;
  readonly constant: (value: string | undefined) => readonly number[] | undefined;
}

function shapeAfter(node: GraphNode, { shapeOf, constant }: Known): Sides | undefined {
  const [first, second] = node.inputs;
  const shape = shapeOf(first);
  if (BROADCAST.test(node.op))
    return node.inputs.map(shapeOf).reduce((sum, next) => sum && next && broadcast(sum, next), [] as Sides);
  if (shape === undefined) return undefined;
  if (SAME.test(node.op)) return shape;
  switch (node.op) {
    case 'Conv':
      return slid(node, shape, shapeOf(second));
    case 'ConvTranspose':
      return grown(node, shape, shapeOf(second));
    case 'MaxPool':
    case 'AveragePool':
      return slid(node, shape, [shape[1] ?? '?', shape[1] ?? '?', ...(numbers(node, 'kernel_shape') ?? [])]);
    case 'GlobalAveragePool':
    case 'GlobalMaxPool':
      return shape.map((size, axis) => (axis < 2 ? size : 1));
    case 'MatMul':
      return product(shape, shapeOf(second));
    case 'Gemm':
      return gemm(node, shape, shapeOf(second));
    case 'Transpose':
      return (numbers(node, 'perm') ?? shape.map((_, i) => shape.length - 1 - i)).map((axis) => shape[axis] ?? '?');
    case 'Concat':
      return joined(node, node.inputs.map(shapeOf));
    case 'Reshape':
      return reshaped(shape, constant(second));
    case 'Shape':
      return [shape.length];
    default:
      return undefined;
  }
}

function numbers(node: GraphNode, name: string): number[] | undefined {
  const text = node.attributes.find((attribute) => attribute.name === name)?.text;
  return text?.match(/-?\d+/g)?.map(Number);
}

/** @source ONNX, broadcasting: trailing axes meet, 1 gives way */
function broadcast(a: Sides, b: Sides): Sides {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [left, right] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1];
    if (left === 1) return right;
    return right === 1 || typeof left === 'number' ? left : right;
  });
}

/** Convolution and pooling. */
function slid(node: GraphNode, shape: Sides, weight: Sides | undefined): Sides | undefined {
  if (weight === undefined || weight.length !== shape.length) return undefined;
  const spatial = shape.length - 2;
  const strides = numbers(node, 'strides') ?? [];
  const pads = numbers(node, 'pads') ?? [];
  const dilations = numbers(node, 'dilations') ?? [];
  const same = /^SAME/.test(node.attributes.find(({ name }) => name === 'auto_pad')?.text ?? '');
  const round = numbers(node, 'ceil_mode')?.[0] === 1 ? Math.ceil : Math.floor;
  const sizes = shape.slice(2).map((size, i) => {
    const [kernel, stride] = [weight[i + 2], strides[i] ?? 1];
    if (typeof size !== 'number' || typeof kernel !== 'number') return '?';
    if (same) return Math.ceil(size / stride);
    const reach = (dilations[i] ?? 1) * (kernel - 1) + 1;
    return round((size + (pads[i] ?? 0) + (pads[i + spatial] ?? 0) - reach) / stride) + 1;
  });
  return [shape[0] ?? '?', weight[0] ?? '?', ...sizes];
}

function grown(node: GraphNode, shape: Sides, weight: Sides | undefined): Sides | undefined {
  if (weight === undefined || weight.length !== shape.length) return undefined;
  const spatial = shape.length - 2;
  const [strides, pads, extra] = [
    numbers(node, 'strides') ?? [],
    numbers(node, 'pads') ?? [],
    numbers(node, 'output_padding') ?? [],
  ];
  const sizes = shape.slice(2).map((size, i) => {
    const kernel = weight[i + 2];
    if (typeof size !== 'number' || typeof kernel !== 'number') return '?';
    return (size - 1) * (strides[i] ?? 1) + kernel - (pads[i] ?? 0) - (pads[i + spatial] ?? 0) + (extra[i] ?? 0);
  });
  const [groups = 1] = numbers(node, 'group') ?? [];
  const channels = weight[1];
  return [shape[0] ?? '?', typeof channels === 'number' ? channels * groups : '?', ...sizes];
}

function product(a: Sides, b: Sides | undefined): Sides | undefined {
  if (b === undefined || a.length < 2 || b.length < 2) return undefined;
  return [...broadcast(a.slice(0, -2), b.slice(0, -2)), a.at(-2) ?? '?', b.at(-1) ?? '?'];
}

function gemm(node: GraphNode, a: Sides, b: Sides | undefined): Sides | undefined {
  if (b === undefined) return undefined;
  const [turnedA, turnedB] = [numbers(node, 'transA')?.[0] === 1, numbers(node, 'transB')?.[0] === 1];
  return [a[turnedA ? 1 : 0] ?? '?', b[turnedB ? 0 : 1] ?? '?'];
}

function joined(node: GraphNode, shapes: readonly (Sides | undefined)[]): Sides | undefined {
  const [first] = shapes;
  const [axis = 0] = numbers(node, 'axis') ?? [];
  if (first === undefined) return undefined;
  const at = axis < 0 ? axis + first.length : axis;
  const sizes = shapes.map((shape) => shape?.[at]);
  const sum = sizes.every((size) => typeof size === 'number') ? sizes.reduce((total, size) => total + size, 0) : '?';
  return first.map((size, i) => (i === at ? sum : size));
}

function reshaped(shape: Sides, wished: readonly number[] | undefined): Sides | undefined {
  if (wished === undefined) return undefined;
  const sizes = wished.map((size, i) => (size === 0 ? (shape[i] ?? '?') : size));
  const open = sizes.indexOf(-1);
  if (open === -1) return sizes;
  const others = sizes.filter((_, i) => i !== open);
  if (![...shape, ...others].every((size) => typeof size === 'number')) return sizes.with(open, '?');
  const count = (values: Sides): number => values.reduce<number>((total, size) => total * Number(size), 1);
  return sizes.with(open, count(shape) / count(others));
}
