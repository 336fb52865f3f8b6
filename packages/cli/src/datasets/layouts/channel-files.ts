import { basename, join } from 'node:path';
import type { FolderListing } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import type { FoundDataset } from '../dataset.ts';
import { type ChannelRules, filesOfChannels } from './channel-rules.ts';
import { isImageFile, stemOf } from './file-names.ts';

/** All cases in one folder, a file a channel: `ID_t1.nii.gz`, or by number `ID_0000.nii.gz` as nnU-Net wants them. Only for a model's channels. */
export async function readChannelFiles(
  root: string,
  { files }: FolderListing,
  { channels = [], ...rules }: ChannelRules,
): Promise<FoundDataset | undefined> {
  const cases = new Map<string, Map<string, string>>();
  for (const name of channels.length > 1 ? files.filter(isImageFile) : []) {
    const [id, channel] = partsOf(stemOf(name), channels);
    if (id === undefined || channel === undefined) continue;
    const own = cases.get(id) ?? new Map<string, string>();
    if (own.has(channel))
      throw new VesaliusError('DATA_MISMATCH', { what: `files of case ${id}`, got: 2, expected: `one ${channel}` });
    cases.set(id, own.set(channel, join(root, name)));
  }
  if (cases.size === 0) return undefined;
  return {
    name: basename(root),
    root,
    layout: 'channel-files',
    channels,
    labels: [],
    cases: [...cases].map(([id, own]) => ({
      id,
      images: filesOfChannels({ id, files: own, place: root }, { ...rules, channels }),
    })),
  };
}

/** The case and the channel that a file's name ends with. */
function partsOf(stem: string, channels: readonly { readonly name: string }[]): [id?: string, channel?: string] {
  for (const [i, { name }] of channels.entries())
    for (const end of [name, String(i).padStart(4, '0')])
      if (['_', '-'].some((mark) => stem.toLowerCase().endsWith(mark + end.toLowerCase())))
        return [stem.slice(0, -end.length - 1), name];
  return [];
}
