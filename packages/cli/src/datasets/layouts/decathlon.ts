import { basename, join } from 'node:path';
import { type FolderListing, readJsonFile } from '@vesalius/bundle/files';
import type { FoundCase, FoundDataset } from '../dataset.ts';
import { Description, isTable } from './description.ts';
import { stemOf } from './file-names.ts';

/** Medical Segmentation Decathlon: `dataset.json` lists images and labels; several modalities lie in one 4-D file. */
export async function readDecathlon(root: string, { files }: FolderListing): Promise<FoundDataset | undefined> {
  if (!files.includes('dataset.json')) return undefined;
  const file = join(root, 'dataset.json');
  const fields = await readJsonFile(file);
  if (!isTable(fields) || !('training' in fields) || 'channel_names' in fields) return undefined;
  const description = new Description(fields, file);
  const cases: FoundCase[] = [];
  for (const item of description.list('training')) cases.push(await caseOf(root, description, item));
  return {
    name: description.text('name', basename(root)),
    root,
    layout: 'decathlon',
    channels: description.channels('modality'),
    labels: description.classes(Object.entries(description.table('labels'))),
    cases,
  };
}

async function caseOf(root: string, description: Description, item: unknown): Promise<FoundCase> {
  if (!isTable(item)) return description.refuse('training', item, '{ "image": ..., "label": ... }');
  const image = await description.fileIn(root, 'training', item['image']);
  const label = await description.fileIn(root, 'training', item['label']);
  return { id: stemOf(basename(image)), images: [image], label };
}
