import { type OnnxNode, readOnnx, readOnnxInitializers, type WeightMap, type WeightTensor } from '@vesalius/engine';

/**
 * Weights of an ONNX model under the names of the layers that use them. An exporter keeps most names, but turns the matrix of a
 * linear layer round and names it by number; such a matrix is turned back and named by its node: `/encoder/fc/MatMul` gives
 * `encoder.fc.weight`. Other nameless constants are named by the node alone.
 *
 * @throws the errors of `readOnnxInitializers`
 */
export function readOnnxWeights(bytes: Uint8Array, file?: string): WeightMap {
  const users = new Map<string, OnnxNode>();
  for (const node of readOnnx(bytes, file).graph.nodes)
    for (const input of node.inputs) if (!users.has(input)) users.set(input, node);
  const named = new Map<string, WeightTensor>();
  for (const [name, tensor] of readOnnxInitializers(bytes, file)) {
    const user = isNumbered(name) ? users.get(name) : undefined;
    if (!user) named.set(name, tensor);
    else if (user.opType === 'MatMul' && tensor.shape.length === 2 && tensor.data instanceof Float32Array)
      named.set(`${layerOf(user)}.weight`, transposed(tensor.shape, tensor.data));
    else named.set(layerOf(user, user.opType), tensor);
  }
  return named;
}

/** As PyTorch's exporter names what it made: `onnx::MatMul_1966`. */
const isNumbered = (name: string): boolean => /^(onnx::|\/|val_|_)/.test(name);

/** `/encoder/layer.0/fc/MatMul_1` -> `encoder.layer.0.fc`; another operation stays in the name. */
function layerOf({ name }: OnnxNode, operation?: string): string {
  const parts = name.split('/').filter((part) => part !== '');
  return (operation === undefined ? parts.slice(0, -1) : parts).join('.');
}

function transposed([rows = 0, columns = 0]: readonly number[], data: Float32Array): WeightTensor {
  const turned = new Float32Array(data.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j] as number;
  return { dtype: 'float32', shape: [columns, rows], data: turned };
}
