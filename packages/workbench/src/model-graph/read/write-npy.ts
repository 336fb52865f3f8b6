import { onnxTypeName, type TensorProto } from '@vesalius/engine/onnx-file';
import { rawBytes, weightValues } from './weight-values.ts';

const ALIGNMENT = 64;

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  float32: '<f4',
  float64: '<f8',
  float16: '<f2',
  int64: '<i8',
  int32: '<i4',
  int16: '<i2',
  int8: '|i1',
  uint64: '<u8',
  uint32: '<u4',
  uint16: '<u2',
  uint8: '|u1',
  bool: '|b1',
};

/**
 * A weight as a NumPy file. bfloat16, which NumPy has not, becomes float32.
 *
 * @returns undefined where its values cannot be read
 * @source NumPy, numpy.lib.format, version 1
 */
export function writeNpy(tensor: TensorProto): Uint8Array<ArrayBuffer> | undefined {
  const description = DESCRIPTIONS[onnxTypeName(tensor.dataType ?? 0) ?? ''];
  const content = description ? rawBytes(tensor) : floatBytes(tensor);
  if (content === undefined) return undefined;
  const sides = tensor.dims ?? [];
  const shape = sides.length === 1 ? `(${sides[0]},)` : `(${sides.join(', ')})`;
  const text = `{'descr': '${description ?? '<f4'}', 'fortran_order': False, 'shape': ${shape}, }`;
  const length = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT - 10;
  const head = new TextEncoder().encode(`\0NUMPY\u0001\0\0\0${text.padEnd(length - 1)}\n`);
  head[0] = 0x93;
  new DataView(head.buffer).setUint16(8, length, true);
  const file = new Uint8Array(head.length + content.length);
  file.set(head);
  file.set(content, head.length);
  return file;
}

function floatBytes(tensor: TensorProto): Uint8Array<ArrayBuffer> | undefined {
  const values = weightValues(tensor);
  return values instanceof Float32Array ? new Uint8Array(Float32Array.from(values).buffer) : undefined;
}
