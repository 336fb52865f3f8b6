import { decodeOnnx, type GraphProto, type ModelProto, type TensorProto } from '@vesalius/engine/onnx-file';
import { functionKey, GraphReader } from './graph-reader.ts';
import type { ModelGraph, OpenedModel } from './model-graph.ts';

/** A model and, beside it, the tensors as they stand in the file: for each graph one list in the order of its `weights`. */
export interface ReadModel {
  readonly model: OpenedModel;
  readonly tensors: readonly (readonly TensorProto[])[];
}

/**
 * Reads any ONNX file to be looked at: operators nobody knows, weights in other files, branches, loops and functions included.
 *
 * @throws FILE_TRUNCATED, FILE_FORMAT
 */
export function readModel(bytes: Uint8Array, name: string): ReadModel {
  const proto = decodeOnnx(bytes, name);
  const graphs: ModelGraph[] = [];
  const tensors: TensorProto[][] = [];
  const functions = new Map<string, number>();
  const reader = new GraphReader({ graphs, tensors, functions });
  reserveFunctions(proto, functions);
  reader.graph(proto.graph ?? {}, proto.graph?.name || name);
  for (const item of proto.functions ?? []) {
    const inner: GraphProto = {
      node: item.node,
      input: (item.input ?? []).map((value) => ({ name: value })),
      output: (item.output ?? []).map((value) => ({ name: value })),
    };
    reader.graph(inner, item.name ?? '', functions.get(functionKey(item)));
  }
  return { model: { ...headOf(proto, name), graphs, bytes: bytes.length }, tensors };
}

/** Functions may call each other before they are read: their places are given first, behind the whole. */
function reserveFunctions(proto: ModelProto, functions: Map<string, number>): void {
  for (const [i, item] of (proto.functions ?? []).entries()) functions.set(functionKey(item), i + 1);
}

function headOf(proto: ModelProto, name: string): Omit<OpenedModel, 'graphs' | 'bytes'> {
  return {
    name,
    producer: [proto.producerName, proto.producerVersion].filter(Boolean).join(' '),
    opsets: (proto.opsetImport ?? []).map(({ domain, version }) => `${domain || 'ai.onnx'} ${version ?? 0}`).join(', '),
    description: proto.docString ?? '',
    metadata: (proto.metadataProps ?? []).map(({ key = '', value = '' }) => [key, value] as const),
  };
}
