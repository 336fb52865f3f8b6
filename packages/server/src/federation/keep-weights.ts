import { readSafetensors, writeSafetensors } from '@vesalius/engine';
import type { LayerValues } from '@vesalius/federated';

export const weightsToBytes = (weights: LayerValues): Uint8Array =>
  writeSafetensors(
    new Map(
      [...weights].map(([name, { length }]) => [
        name,
        { shape: [length], dtype: 'float32', data: Float32Array.from(weights.get(name) ?? []) },
      ]),
    ),
  );

/** @throws FILE_FORMAT, FILE_TRUNCATED */
export function weightsOfBytes(bytes: Uint8Array, file: string): Map<string, Float32Array> {
  const { tensors } = readSafetensors(bytes, file);
  return new Map([...tensors].map(([name, { data }]) => [name, Float32Array.from(data as Float32Array)]));
}
