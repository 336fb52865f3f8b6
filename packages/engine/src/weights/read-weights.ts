import { fileError } from '../binary/file-error.ts';
import { readZip } from '../binary/read-zip.ts';
import { readNpy, readNpz } from './npy.ts';
import { readOnnxInitializers } from './onnx-initializers.ts';
import { readPyTorch } from './pytorch.ts';
import { readSafetensors } from './safetensors.ts';
import type { WeightMap } from './weight-tensor.ts';

type WeightFormat = 'safetensors' | 'npz' | 'npy' | 'pytorch' | 'onnx';

const MAX_PICKLE_PROTOCOL = 5;

/**
 * Reads the weights of a safetensors, npz, npy, PyTorch or ONNX file; what the bytes say counts, not the name.
 *
 * @param name - the file as the user named it, for errors and for the one tensor of a .npy file
 * @throws FILE_FORMAT when the bytes are none of these, and the errors of the format's own reader
 */
export async function readWeights(bytes: Uint8Array, name: string): Promise<WeightMap> {
  switch (formatOf(bytes, name)) {
    case 'safetensors':
      return readSafetensors(bytes, name).tensors;
    case 'npz':
      return readNpz(bytes, name);
    case 'npy':
      return new Map([[stem(name), readNpy(bytes, name)]]);
    case 'pytorch':
      return readPyTorch(bytes, name);
    case 'onnx':
      return readOnnxInitializers(bytes, name);
  }
}

function formatOf(bytes: Uint8Array, file: string): WeightFormat {
  const magic = String.fromCharCode(...bytes.subarray(0, 9));
  if (magic.startsWith('PK\x03\x04')) {
    return readZip(bytes, file).some(({ name }) => name.endsWith('/data.pkl')) ? 'pytorch' : 'npz';
  }
  if (magic.startsWith('\x93NUMPY')) return 'npy';
  // A bare pickle: PyTorch before 1.6, which its reader refuses with the way out.
  if (bytes[0] === 0x80 && (bytes[1] ?? 0) <= MAX_PICKLE_PROTOCOL) return 'pytorch';
  // Eight bytes of length, then JSON.
  if (magic[8] === '{' && magic.slice(4, 8) === '\0\0\0\0') return 'safetensors';
  // ONNX has no magic; its first field is the version of the format, number 1, a varint.
  if (magic.startsWith('\x08')) return 'onnx';
  const expected = 'safetensors, npz, npy, PyTorch or ONNX';
  throw fileError('FILE_FORMAT', { what: 'weight file', got: 'an unknown format', expected }, file);
}

function stem(name: string): string {
  return name.replace(/^.*[/\\]/, '').replace(/\.npy$/i, '');
}
