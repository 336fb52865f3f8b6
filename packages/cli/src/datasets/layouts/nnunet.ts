import { basename, join } from 'node:path';
import { type FolderListing, listFolder, readJsonFile } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import type { FoundCase, FoundDataset } from '../dataset.ts';
import { Description, isTable } from './description.ts';

/** nnU-Net v2 raw: `imagesTr/ID_0000.nii.gz` one file a channel, `labelsTr/ID.nii.gz`, `dataset.json`. */
export async function readNnunet(root: string, { files }: FolderListing): Promise<FoundDataset | undefined> {
  if (!files.includes('dataset.json')) return undefined;
  const file = join(root, 'dataset.json');
  const fields = await readJsonFile(file);
  if (!isTable(fields) || !('channel_names' in fields)) return undefined;
  const description = new Description(fields, file);
  const channels = description.channels('channel_names');
  const ending = description.text('file_ending', '.nii.gz');
  return {
    name: description.text('name', basename(root)),
    root,
    layout: 'nnunet',
    channels,
    labels: description.classes(Object.entries(description.table('labels')).map(([name, value]) => [value, name])),
    cases: await casesOf(root, channels.length, ending),
  };
}

async function casesOf(root: string, channels: number, ending: string): Promise<FoundCase[]> {
  const images = new Set((await listFolder(join(root, 'imagesTr'))).files);
  const labels = new Set((await listFolder(join(root, 'labelsTr'))).files);
  const numbered = [...images].flatMap((name) => /^(.+)_\d{4}$/.exec(name.slice(0, -ending.length))?.[1] ?? []);
  return [...new Set(numbered)].map((id) => {
    const names = Array.from({ length: channels }, (_, i) => `${id}_${String(i).padStart(4, '0')}${ending}`);
    const missing = names.find((name) => !images.has(name)) ?? (labels.has(id + ending) ? undefined : id + ending);
    if (missing !== undefined)
      throw new VesaliusError('DATA_MISMATCH', { what: `files of case ${id}`, got: `no ${missing}`, file: root });
    return {
      id,
      images: names.map((name) => join(root, 'imagesTr', name)),
      label: join(root, 'labelsTr', id + ending),
    };
  });
}
