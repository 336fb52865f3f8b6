import type { DType } from '../graph/dtype.ts';
import { elementCount, type Shape } from '../graph/shape.ts';
import type { OnnxModel, OnnxNode } from '../onnx/format/onnx-model.ts';
import { ONNX_TYPE } from '../onnx/format/onnx-type.ts';
import { writeOnnx } from '../onnx/format/write-onnx.ts';
import type { RuntimeOptions } from '../runtime/backend.ts';
import { openOnnx } from '../runtime/session.ts';
import { emptyValue, type TensorValue } from '../runtime/tensor-value.ts';

/** What one node of a model does and costs. */
export interface LayerFigures {
  readonly name: string;
  readonly opType: string;
  readonly outputShapes: readonly Shape[];
  /** Elements of the constants it reads. */
  readonly parameters: number;
  /** Multiplications and additions; of other operations one an element of the output. */
  readonly flops: number;
  readonly outputBytes: number;
}

export interface ModelFigures {
  readonly layers: readonly LayerFigures[];
  readonly parameters: number;
  readonly flops: number;
  /** Bytes of all constants. */
  readonly parameterBytes: number;
  /** Largest sum of outputs alive at once, when nodes run in order and each is dropped after its last reader. */
  readonly peakActivationBytes: number;
}

/**
 * Shapes and costs of any ONNX model, found by running it on zeros with every value made an output.
 *
 * @param inputShapes - by input name, where the model leaves sizes open
 * @throws RUNTIME_FAILED when the shapes do not fit the model
 */
export async function inspectOnnx(
  model: OnnxModel,
  inputShapes: Readonly<Record<string, Shape>>,
  options: RuntimeOptions = {},
): Promise<ModelFigures> {
  const values = await runOnZeros(model, inputShapes, options);
  const constants = new Map(model.graph.initializers.map(({ name, dims }) => [name, dims]));
  const shapeOf = (name: string): Shape => values.get(name)?.shape ?? constants.get(name) ?? [];
  const layers = model.graph.nodes.map((node) => ({
    name: node.name,
    opType: node.opType,
    outputShapes: node.outputs.map(shapeOf),
    parameters: node.inputs.reduce((sum, name) => sum + (constants.has(name) ? elementCount(shapeOf(name)) : 0), 0),
    flops: flopsOf(node, shapeOf),
    outputBytes: node.outputs.reduce((sum, name) => sum + (values.get(name)?.bytes ?? 0), 0),
  }));
  return {
    layers,
    parameters: [...constants.values()].reduce((sum, dims) => sum + elementCount(dims), 0),
    flops: layers.reduce((sum, { flops }) => sum + flops, 0),
    parameterBytes: model.graph.initializers.reduce((sum, { rawData }) => sum + rawData.length, 0),
    peakActivationBytes: peakBytes(model, (name) => values.get(name)?.bytes ?? 0),
  };
}

interface Seen {
  readonly shape: Shape;
  readonly bytes: number;
}

async function runOnZeros(
  model: OnnxModel,
  inputShapes: Readonly<Record<string, Shape>>,
  options: RuntimeOptions,
): Promise<Map<string, Seen>> {
  const names = model.graph.nodes.flatMap((node) => node.outputs).filter((name) => name !== '');
  const outputs = names.map((name) => ({ name, dataType: 0, shape: [], rankUnknown: true as const }));
  const session = await openOnnx(writeOnnx({ ...model, graph: { ...model.graph, outputs } }), options);
  const constants = new Set(model.graph.initializers.map(({ name }) => name));
  const feeds = model.graph.inputs
    .filter(({ name }) => !constants.has(name))
    .map(({ name, dataType, shape }) => {
      const sizes = inputShapes[name] ?? shape.map((size) => (typeof size === 'number' ? size : 1));
      return [name, emptyValue({ shape: sizes, dtype: dtypeOf(dataType) })] as const;
    });
  const found = await session.run(Object.fromEntries(feeds));
  await session.close();
  const seen = (value: TensorValue): Seen => ({ shape: value.shape, bytes: value.data.byteLength });
  return new Map([...feeds, ...Object.entries(found)].map(([name, value]) => [name, seen(value)]));
}

function dtypeOf(dataType: number): DType {
  const name = Object.entries(ONNX_TYPE).find(([, number]) => number === dataType)?.[0];
  return (name ?? 'float32') as DType;
}

/** @source convolution: 2 x outputs x inputs that meet in one output */
function flopsOf({ opType, inputs, outputs }: OnnxNode, shapeOf: (name: string) => Shape): number {
  const [first = '', second = ''] = inputs;
  const out = elementCount(shapeOf(outputs[0] ?? ''));
  switch (opType) {
    case 'Conv':
      return 2 * out * elementCount(shapeOf(second).slice(1));
    case 'ConvTranspose':
      return 2 * elementCount(shapeOf(first)) * elementCount(shapeOf(second).slice(1));
    case 'MatMul':
    case 'Gemm':
    case 'FusedMatMul':
      return 2 * out * (shapeOf(first).at(-1) ?? 1);
    case 'Reshape':
    case 'Transpose':
    case 'Identity':
    case 'Shape':
      return 0;
    default:
      return out;
  }
}

function peakBytes({ graph }: OnnxModel, bytesOf: (name: string) => number): number {
  const lastReader = new Map(graph.nodes.flatMap((node, i) => node.inputs.map((name) => [name, i] as const)));
  const kept = new Set(graph.outputs.map(({ name }) => name));
  let [alive, peak] = [graph.inputs.reduce((sum, { name }) => sum + bytesOf(name), 0), 0];
  for (const [i, node] of graph.nodes.entries()) {
    for (const name of node.outputs) alive += bytesOf(name);
    peak = Math.max(peak, alive);
    for (const name of new Set([...node.inputs, ...node.outputs])) {
      if ((lastReader.get(name) ?? i) <= i && !kept.has(name)) alive -= bytesOf(name);
    }
  }
  return peak;
}
