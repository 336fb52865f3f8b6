import { basename, join } from 'node:path';
import { type FolderListing, listFolder } from '@vesalius/bundle/files';
import type { FoundDataset } from '../dataset.ts';
import { type ChannelRules, filesOfChannels } from './channel-rules.ts';
import { isImageFile, stemOf } from './file-names.ts';

const LABEL = /^(seg|segmentation|label|labels|mask|gt|ground_?truth|annotation)$/i;

interface CaseFolder {
  readonly id: string;
  /** Files by modality: `t1`. */
  readonly images: ReadonlyMap<string, string>;
  readonly label?: string;
}

/** One folder a case with one file a modality and, by its name (`seg`, `label`, `mask`, `gt`), the label. */
export async function readCaseFolders(
  root: string,
  { folders }: FolderListing,
  rules: ChannelRules,
): Promise<FoundDataset | undefined> {
  const cases: CaseFolder[] = [];
  for (const id of folders) cases.push(await caseFolder(root, id));
  const used = cases.filter(({ images }) => images.size > 0);
  if (used.length === 0) return undefined;
  const found = new Set(used.flatMap(({ images }) => [...images.keys()]));
  const channels = namedAlike(rules.channels, found) ?? [...found].toSorted().map((name) => ({ name }));
  return {
    name: basename(root),
    root,
    layout: 'case-folders',
    channels,
    labels: [],
    cases: used.map(({ id, images, label }) => ({
      id,
      images: filesOfChannels({ id, files: images, place: join(root, id) }, { ...rules, channels }),
      ...(label !== undefined && { label }),
    })),
  };
}

/** The model's names, unless the folder has none of them. */
function namedAlike(channels: ChannelRules['channels'], found: ReadonlySet<string>): ChannelRules['channels'] {
  const names = new Set([...found].map((name) => name.toLowerCase()));
  return channels?.some(({ name }) => names.has(name.toLowerCase())) ? channels : undefined;
}

async function caseFolder(root: string, id: string): Promise<CaseFolder> {
  const folder = join(root, id);
  const images = new Map<string, string>();
  let label: string | undefined;
  for (const name of (await listFolder(folder)).files.filter(isImageFile)) {
    const modality = modalityOf(stemOf(name), id);
    if (LABEL.test(modality)) label = join(folder, name);
    else images.set(modality, join(folder, name));
  }
  return { id, images, ...(label === undefined ? {} : { label }) };
}

/** `case7_t1` in folder `case7` is `t1`. */
function modalityOf(stem: string, id: string): string {
  return stem.startsWith(`${id}_`) || stem.startsWith(`${id}-`) ? stem.slice(id.length + 1) : stem;
}
