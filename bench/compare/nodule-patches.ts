import { join } from 'node:path';
import { readFileBytes } from '@vesalius/bundle/files';
import { readWeights } from '@vesalius/engine';
import { greyStatistics, IMAGENET_COLOURS, type LabelledImages, pickImages, resizePlane } from '@vesalius/medical';
import { dataFolder } from '../figures/data-folder.ts';

const FOLDER = 'lung_nodule_patches50';
const FROM = 50;

export const nodulePatchesFolder = (): string => join(dataFolder(), FOLDER);

/** CT patches `[N, 1, side, side]` with label 1 for a nodule, values as a network of ImageNet takes grey ones. */
export async function nodulePatches(part: 'train' | 'val', side: number, count?: number): Promise<LabelledImages> {
  const file = join(nodulePatchesFolder(), `${part}.npz`);
  const arrays = await readWeights(await readFileBytes(file), file);
  const labels = arrays.get('labels')?.data as Uint8Array;
  const pixels = arrays.get('images')?.data as Uint8Array;
  const { mean, deviation } = greyStatistics(IMAGENET_COLOURS);
  const images = new Float32Array(labels.length * side * side);
  for (let n = 0; n < labels.length; n++) {
    const patch = Float32Array.from(
      pixels.subarray(n * FROM * FROM, (n + 1) * FROM * FROM),
      (value) => (value / 255 - mean) / deviation,
    );
    const resized = resizePlane(patch, { from: [FROM, FROM], to: [side, side], kernel: 'linear', antialias: false });
    images.set(resized, n * side * side);
  }
  const all = { images, labels };
  if (count === undefined) return all;
  return pickImages(
    all,
    Array.from({ length: count }, (_, n) => Math.floor((n * labels.length) / count)),
  );
}
