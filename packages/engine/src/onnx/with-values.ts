import type { DType, TensorData } from '../graph/dtype.ts';
import type { Shape } from '../graph/shape.ts';
import { onnxDataType } from '../ops/onnx-data-type.ts';
import type { OnnxModel } from './format/onnx-model.ts';

interface InputValue {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
}

/** The model with values of inputs inside: what a runtime knows when it loads, it arranges once. */
export function withValues(model: OnnxModel, values: ReadonlyMap<string, InputValue>): OnnxModel {
  const { graph } = model;
  const initializers = graph.inputs.flatMap(({ name }) => {
    const value = values.get(name);
    if (!value) return [];
    const { data, shape, dtype } = value;
    const rawData = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    return [{ name, dims: shape, dataType: onnxDataType(dtype), rawData }];
  });
  const inputs = graph.inputs.filter(({ name }) => !values.has(name));
  return { ...model, graph: { ...graph, inputs, initializers: [...graph.initializers, ...initializers] } };
}
