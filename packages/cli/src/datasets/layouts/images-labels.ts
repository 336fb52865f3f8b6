import { basename, join } from 'node:path';
import { type FolderListing, listFolder, readFileBytes } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import { isPicture, pictureChannels } from '../../pictures/read-picture.ts';
import type { FoundCase, FoundDataset } from '../dataset.ts';
import { isImageFile, stemOf } from './file-names.ts';

const LABEL_FOLDERS = ['labels', 'masks'];
const COLOURS = ['red', 'green', 'blue'];
const LABEL_SUFFIX = /_(segmentation|seg|mask|label)$/i;

/** `images/` and, where there are labels, `labels/` or `masks/` with files of the same names. Pictures may have colours. */
export async function readImagesLabels(root: string, { folders }: FolderListing): Promise<FoundDataset | undefined> {
  if (!folders.includes('images')) return undefined;
  const labelFolder = LABEL_FOLDERS.find((name) => folders.includes(name));
  const images = await filesByStem(join(root, 'images'));
  const labels = labelFolder ? await filesByStem(join(root, labelFolder), LABEL_SUFFIX) : new Map<string, string>();
  for (const [stem, file] of labels) {
    if (!images.has(stem))
      throw new VesaliusError('DATA_MISMATCH', { what: `image of label ${stem}`, got: 'none', file });
  }
  const cases = [...images].map(([id, image]): FoundCase => {
    const label = labels.get(id);
    return { id, images: [image], ...(label === undefined ? {} : { label }) };
  });
  const channels = await channelsOf([...images.values()]);
  return { name: basename(root), root, layout: 'images-labels', channels, labels: [], cases };
}

/** Three as soon as one picture has colours; grey ones then serve as all three. */
async function channelsOf(files: readonly string[]): Promise<{ name: string }[]> {
  for (const file of files.filter(isPicture))
    if (pictureChannels(await readFileBytes(file), file) === 3) return COLOURS.map((name) => ({ name }));
  return [{ name: 'image' }];
}

async function filesByStem(folder: string, suffix?: RegExp): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of (await listFolder(folder)).files.filter(isImageFile)) {
    const stem = suffix ? stemOf(name).replace(suffix, '') : stemOf(name);
    const file = join(folder, name);
    if (found.has(stem))
      throw new VesaliusError('DATA_MISMATCH', { what: `files of case ${stem}`, got: 2, expected: 1, file });
    found.set(stem, file);
  }
  return found;
}
