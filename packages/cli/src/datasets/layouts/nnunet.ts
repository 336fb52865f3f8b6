import { basename, join } from 'node:path';
import { type FolderListing, listFolder, readJsonFile } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import type { FoundCase, FoundDataset } from '../dataset.ts';
import type { ChannelRules } from './channel-rules.ts';
import { Description, isTable } from './description.ts';

/** nnU-Net v2 raw: `imagesTr/ID_0000.nii.gz` one file a channel, `labelsTr/ID.nii.gz`, `dataset.json`. */
export async function readNnunet(
  root: string,
  { files }: FolderListing,
  { missing = false }: ChannelRules,
): Promise<FoundDataset | undefined> {
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
    cases: await casesOf(root, { channels, ending, missing }),
  };
}

interface Named {
  readonly channels: readonly { readonly name: string }[];
  readonly ending: string;
  readonly missing: boolean;
}

async function casesOf(root: string, { channels, ending, missing }: Named): Promise<FoundCase[]> {
  const images = new Set((await listFolder(join(root, 'imagesTr'))).files);
  const labels = new Set((await listFolder(join(root, 'labelsTr'))).files);
  const numbered = [...images].flatMap((name) => /^(.+)_\d{4}$/.exec(name.slice(0, -ending.length))?.[1] ?? []);
  return [...new Set(numbered)].map((id) => {
    const names = channels.map((_, i) => `${id}_${String(i).padStart(4, '0')}${ending}`);
    const lacking = [...(missing ? [] : names.filter((name) => !images.has(name))), id + ending].find(
      (name) => !images.has(name) && !labels.has(name),
    );
    if (lacking !== undefined)
      throw new VesaliusError('DATA_MISMATCH', { what: `files of case ${id}`, got: `no ${lacking}`, file: root });
    return {
      id,
      images: names.map((name) => (images.has(name) ? join(root, 'imagesTr', name) : null)),
      label: join(root, 'labelsTr', id + ending),
    };
  });
}
