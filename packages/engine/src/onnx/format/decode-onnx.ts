import { decodeMessage } from '../../protobuf/decode-message.ts';
import { MODEL, type ModelProto } from './onnx-schema.ts';

/**
 * The messages of an ONNX file as they stand in it, nothing checked: also of models that `readOnnx` refuses.
 *
 * @throws FILE_TRUNCATED, FILE_FORMAT
 * @source ONNX, onnx.proto
 */
export function decodeOnnx(bytes: Uint8Array, file?: string): ModelProto {
  return decodeMessage(bytes, MODEL, file);
}
