import { VesaliusError } from '@vesalius/errors';
import type { DType, TensorData } from '../graph/dtype.ts';
import type { Shape } from '../graph/shape.ts';
import type { Node, Tensor } from '../graph/tensor.ts';
import { blockedToPlain, plainToBlocked } from '../ops/lowering/blocked-layout.ts';
import { emitCombination } from '../ops/lowering/combination.ts';
import { onnxDataType } from '../ops/onnx-data-type.ts';
import type {
  Combination,
  EmitTarget,
  Emitted,
  EmittedAttribute,
  EmittedBody,
  EmittedMatMul,
  Emitter,
} from '../ops/op-rule.ts';
import { ruleOf } from '../ops/op-rules.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './format/onnx-model.ts';

const INT64_LOWEST = -Number.MAX_SAFE_INTEGER;

/** The ways a tensor can be named so far; another is added when something asks for it. */
interface Forms {
  plain?: string;
  blocked?: string;
  readonly toBlocked?: () => string;
  readonly combination?: Combination;
}

function formsOf({ shape }: Tensor, emitted: Emitted, emit: Emitter): Forms {
  if (typeof emitted === 'string') return { plain: emitted };
  if ('blocked' in emitted) return { toBlocked: emitted.blocked };
  const { combination } = emitted;
  return { combination, toBlocked: () => emitCombination(combination, { shape, emit }) };
}

/** How many operations and outputs read each tensor, given everything they read. */
export function countReaders(read: readonly Tensor[]): Map<Tensor, number> {
  const readers = new Map<Tensor, number>();
  for (const tensor of read) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  return readers;
}

/** Turns graph nodes into ONNX nodes; equal nodes and equal constants are written once. */
export class GraphEmitter implements Emitter {
  readonly target: EmitTarget;
  readonly onnxNodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly #forms = new Map<Tensor, Forms>();
  readonly #known = new Map<string, string[]>();
  #count = 0;

  readonly #readers: ReadonlyMap<Tensor, number>;
  readonly #outer: GraphEmitter | undefined;
  readonly #prefix: string;

  /**
   * @param readers - how many operations and outputs read each tensor
   * @param outer - of the graph around, whose values may be read
   * @param prefix - of every name, which must differ from those of the graph around
   */
  constructor(target: EmitTarget, readers: ReadonlyMap<Tensor, number>, outer?: GraphEmitter, prefix = '') {
    this.#outer = outer;
    this.target = target;
    this.#readers = readers;
    this.#prefix = prefix;
  }

  readers(tensor: Tensor): number {
    return this.#readers.get(tensor) ?? 0;
  }

  emit(node: Node): void {
    for (const [i, emitted] of ruleOf(node.op).toOnnx(node, this).entries()) {
      const output = node.outputs[i];
      if (output) this.#forms.set(output, formsOf(output, emitted, this));
    }
  }

  name(tensor: Tensor): string {
    const forms = this.#formsOf(tensor);
    forms.plain ??= blockedToPlain(this.blocked(tensor), tensor, this);
    return forms.plain;
  }

  blocked(tensor: Tensor): string {
    const forms = this.#formsOf(tensor);
    forms.blocked ??= forms.toBlocked ? forms.toBlocked() : plainToBlocked(this.name(tensor), tensor, this);
    return forms.blocked;
  }

  standsBlocked(tensor: Tensor): boolean {
    const { blocked, toBlocked } = this.#formsOf(tensor);
    return blocked !== undefined || toBlocked !== undefined;
  }

  isCombination(tensor: Tensor): boolean {
    const { blocked, combination } = this.#formsOf(tensor);
    return blocked === undefined && combination !== undefined;
  }

  combination(tensor: Tensor): Combination {
    const { blocked, combination } = this.#formsOf(tensor);
    return blocked === undefined && combination ? combination : { terms: [{ base: this.blocked(tensor) }] };
  }

  #formsOf(tensor: Tensor): Forms {
    const forms = this.#forms.get(tensor) ?? this.#fromOutside(tensor);
    if (!forms) {
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: `emission of ${tensor.node.op}`,
        got: 'an operand not emitted yet',
      });
    }
    return forms;
  }

  #fromOutside(tensor: Tensor): Forms | undefined {
    if (!this.#outer) return undefined;
    const forms = { plain: this.#outer.name(tensor) };
    this.#forms.set(tensor, forms);
    return forms;
  }

  node(
    opType: string,
    inputs: readonly string[],
    attributes: Record<string, EmittedAttribute> = {},
    domain = '',
  ): string {
    return this.nodes(opType, inputs, 1, attributes, domain)[0] as string;
  }

  nodes(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Record<string, EmittedAttribute> = {},
    domain = '',
  ): string[] {
    const key = `${domain}:${opType}(${inputs.join(',')})${JSON.stringify(attributes)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const names = Array.from({ length: outputs }, () => this.#fresh(opType));
    const name = `${names[0]}_node`;
    this.onnxNodes.push({ opType, domain, name, inputs, outputs: names, attributes: onnxAttributes(attributes) });
    this.#known.set(key, names);
    return names;
  }

  nodeWithBody(
    opType: string,
    inputs: readonly string[],
    body: EmittedBody,
    attributes: Record<string, EmittedAttribute>,
  ): string[] {
    const names = body.outputs.map(() => this.#fresh(opType));
    const name = `${names[0]}_node`;
    const graph = { kind: 'graph', value: this.#bodyGraph(body, `${names[0]}.`) } as const;
    this.onnxNodes.push({
      opType,
      domain: '',
      name,
      inputs,
      outputs: names,
      attributes: { ...onnxAttributes(attributes), body: graph },
    });
    return names;
  }

  #bodyGraph({ inputs, nodes, outputs, captured }: EmittedBody, prefix: string): OnnxGraph {
    const readers = countReaders([...nodes.flatMap((node) => node.inputs), ...outputs]);
    const inner = new GraphEmitter(this.target, readers, this, prefix);
    for (const [tensor, standing] of captured) inner.#forms.set(tensor, { plain: this.name(standing) });
    for (const node of [...inputs.map((input) => input.node), ...nodes]) inner.emit(node);
    const named = outputs.map((tensor, i) => inner.nameOutput(`${prefix}output_${i}`, tensor));
    const fed = inputs.map((input) => ({
      name: inner.name(input),
      dataType: onnxDataType(input.dtype),
      shape: input.shape,
    }));
    return { name: prefix, nodes: inner.onnxNodes, initializers: inner.initializers, inputs: fed, outputs: named };
  }

  /** An output keeps its own name, also when it is an input or another output as well. */
  nameOutput(name: string, tensor: Tensor): OnnxValue {
    const inputs = [this.name(tensor)];
    this.onnxNodes.push({
      opType: 'Identity',
      domain: '',
      name: `${name}_output`,
      inputs,
      outputs: [name],
      attributes: {},
    });
    return { name, dataType: onnxDataType(tensor.dtype), shape: tensor.shape };
  }

  matMul(a: string, b: string, { transposeA = false, transposeB = false, scale, rankA, rankB }: EmittedMatMul): string {
    const scaled = scale && scale.by !== 1 ? scale : undefined;
    if (!transposeA && !transposeB && !scaled) return this.node('MatMul', [a, b]);
    if (this.target.microsoftOps) {
      const flags = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
      const alpha = scaled ? { alpha: { float: scaled.by } } : {};
      return this.node('FusedMatMul', [a, b], { ...flags, ...alpha }, 'com.microsoft');
    }
    const product = this.node('MatMul', [
      transposeA ? this.#exchangeLastAxes(a, rankA) : a,
      transposeB ? this.#exchangeLastAxes(b, rankB) : b,
    ]);
    return scaled ? this.node('Mul', [product, this.scalar(scaled.by, scaled.dtype)]) : product;
  }

  ints(values: readonly number[]): string {
    const exact = values.map((value) => (value === INT64_LOWEST ? -(2n ** 63n) : BigInt(value)));
    return this.constant(BigInt64Array.from(exact), [values.length], 'int64');
  }

  scalar(value: number, dtype: DType): string {
    return this.constant(scalarData(value, dtype), [], dtype);
  }

  constant(data: TensorData, shape: Shape, dtype: DType): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = rawData.length <= 4096 ? `${dtype}[${shape.join(',')}]${rawData.join(',')}` : undefined;
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known) return known[0] as string;
    const name = this.#fresh('constant');
    this.initializers.push({ name, dims: shape, dataType: onnxDataType(dtype), rawData });
    if (key !== undefined) this.#known.set(key, [name]);
    return name;
  }

  #exchangeLastAxes(name: string, rank: number): string {
    const axes = Array.from({ length: rank }, (_, axis) => axis);
    return this.node('Transpose', [name], { perm: [...axes.slice(0, -2), rank - 1, rank - 2] });
  }

  #fresh(prefix: string): string {
    return `${this.#prefix}${prefix}_${this.#count++}`;
  }
}

function scalarData(value: number, dtype: DType): TensorData {
  if (dtype === 'int64') return BigInt64Array.of(BigInt(value));
  if (dtype === 'int32') return Int32Array.of(value);
  if (dtype === 'float64') return Float64Array.of(value);
  if (dtype === 'float32') return Float32Array.of(value);
  if (dtype === 'float16')
    throw new VesaliusError('DTYPE_MISMATCH', { what: 'emitted scalar', got: dtype, expected: 'float32' });
  return Uint8Array.of(value);
}

function onnxAttributes(attributes: Record<string, EmittedAttribute>): Record<string, OnnxAttribute> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, onnxAttribute(value)]));
}

function onnxAttribute(value: EmittedAttribute): OnnxAttribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if ('float' in value) return { kind: 'float', value: value.float };
  if ('floats' in value) return { kind: 'floats', value: value.floats };
  return typeof value[0] === 'string'
    ? { kind: 'strings', value: value as readonly string[] }
    : { kind: 'ints', value: value as readonly number[] };
}
