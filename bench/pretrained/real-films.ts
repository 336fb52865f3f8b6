import { join } from 'node:path';
import { listFolder, readFileBytes } from '@vesalius/bundle/files';
import { IMAGENET_COLOURS } from '@vesalius/medical';
import { readPicture } from '../../packages/cli/src/pictures/read-picture.ts';
import { dataFolder } from '../figures/data-folder.ts';

/** Chest films of both kinds, 224 x 224, grey values as three colours normalised: `[count, 3, 224, 224]`. */
export async function realFilms(count: number): Promise<Float32Array<ArrayBuffer>> {
  const root = join(dataFolder(), 'kermany_cxr_224/images/train');
  const pixels = 224 * 224;
  const films = new Float32Array(count * 3 * pixels);
  for (let n = 0; n < count; n++) {
    const folder = join(root, n % 2 === 0 ? 'NORMAL' : 'PNEUMONIA');
    const { files } = await listFolder(folder);
    const file = join(folder, files[Math.floor((n * files.length) / count)] as string);
    const { voxels, components } = await readPicture(await readFileBytes(file), file);
    for (const [c, mean] of IMAGENET_COLOURS.mean.entries())
      for (let i = 0; i < pixels; i++) {
        const value = Number(voxels[Math.min(c, components - 1) * pixels + i]) / 255;
        films[(n * 3 + c) * pixels + i] = (value - mean) / (IMAGENET_COLOURS.deviation[c] as number);
      }
  }
  return films;
}
