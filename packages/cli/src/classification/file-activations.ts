import { join } from 'node:path';
import { readFileBytes, writeFileAtomic } from '@vesalius/bundle/files';
import type { ActivationStore } from '@vesalius/methods';

/** Activations in a folder, a file for each key. A file of another length is taken for none. */
export function fileActivations(folder: string): ActivationStore {
  const fileOf = (key: string): string => join(folder, `${key}.f32`);
  return {
    read: async (key, length) => {
      const bytes = await readFileBytes(fileOf(key)).catch(() => undefined);
      if (bytes?.length !== 4 * length) return undefined;
      return new Float32Array(bytes.slice().buffer);
    },
    write: (key, activations) =>
      writeFileAtomic(fileOf(key), new Uint8Array(activations.buffer, activations.byteOffset, activations.byteLength)),
  };
}
