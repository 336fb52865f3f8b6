import { fileError } from '../binary/file-error.ts';
import { onnxTypeName } from '../onnx/format/onnx-type.ts';
import { readOnnx } from '../onnx/format/read-onnx.ts';
import { WEIGHT_ARRAYS, type WeightDType, type WeightMap, weightTensor } from './weight-tensor.ts';

/**
 * Reads the weights that an ONNX model carries, by the names of its initializers.
 *
 * @throws the errors of `readOnnx`; FILE_UNSUPPORTED for element types that no weight here has, such as int4
 */
export function readOnnxInitializers(bytes: Uint8Array, file?: string): WeightMap {
  const { initializers } = readOnnx(bytes, file).graph;
  return new Map(
    initializers.map(({ name, dims, dataType, rawData }) => {
      const dtype = onnxTypeName(dataType);
      if (!isWeightDType(dtype)) {
        const details = { what: `element type of ONNX initializer ${name}`, got: dtype ?? dataType };
        throw fileError('FILE_UNSUPPORTED', details, file);
      }
      return [name, weightTensor({ name, dtype, shape: dims }, rawData, file)];
    }),
  );
}

function isWeightDType(name: string | undefined): name is WeightDType {
  return name !== undefined && Object.hasOwn(WEIGHT_ARRAYS, name);
}
