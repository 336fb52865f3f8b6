import { readFileBytes } from '@vesalius/bundle/files';
import { readWeights } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { LabelledImages } from '@vesalius/medical';

/** Images of one size, and what a network takes them as. */
export interface ImageSet extends LabelledImages {
  /** 1, ...S */
  readonly imageShape: readonly number[];
}

/**
 * Reads `images` `[N, ...S]` and `labels` `[N]` of a .npz file; intensities are brought to mean 0 and deviation 1, the same for all images.
 *
 * @throws FILE_FORMAT, DATA_MISMATCH when the arrays are none such
 */
export async function readImages(file: string): Promise<ImageSet> {
  const arrays = await readWeights(await readFileBytes(file), file);
  const [images, labels] = ['images', 'labels'].map((name) => arrays.get(name));
  const count = images?.shape[0] ?? 0;
  const space = images?.shape.slice(1) ?? [];
  if (!images || labels?.shape[0] !== count || count === 0 || space.length < 2 || space.length > 3)
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'arrays',
      got: [...arrays].map(([name, { shape }]) => `${name} [${shape.join(', ')}]`).join(', '),
      expected: 'images [N, H, W] or [N, D, H, W] and labels [N]',
      file,
    });
  const numbers = Uint8Array.from(labels.data as Uint8Array, Number);
  if (numbers.some((label) => label > 1))
    throw new VesaliusError('LABEL_OUT_OF_RANGE', {
      what: 'labels',
      got: Math.max(...numbers),
      expected: '0 and 1',
      file,
    });
  const values = Float32Array.from(images.data as Uint8Array, Number);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  for (const [i, value] of values.entries()) values[i] = (value - mean) / Math.max(deviation, 1e-6);
  return { images: values, labels: numbers, imageShape: [1, ...space] };
}
