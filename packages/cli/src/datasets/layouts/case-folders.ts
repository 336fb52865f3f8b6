import { basename, join } from 'node:path';
import { type FolderListing, listFolder } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import type { FoundCase, FoundDataset } from '../dataset.ts';
import { isImageFile, stemOf } from './file-names.ts';

const LABEL = /^(seg|segmentation|label|labels|mask|gt|ground_?truth|annotation)$/i;

interface CaseFolder {
  readonly id: string;
  /** Files by modality: `t1`. */
  readonly images: ReadonlyMap<string, string>;
  readonly label?: string;
}

/** One folder a case with one file a modality and, by its name (`seg`, `label`, `mask`, `gt`), the label. */
export async function readCaseFolders(root: string, { folders }: FolderListing): Promise<FoundDataset | undefined> {
  const found: CaseFolder[] = [];
  for (const id of folders) found.push(await caseFolder(root, id));
  const used = found.filter(({ images }) => images.size > 0);
  if (used.length === 0) return undefined;
  const modalities = [...new Set(used.flatMap(({ images }) => [...images.keys()]))].toSorted();
  return {
    name: basename(root),
    root,
    layout: 'case-folders',
    channels: modalities.map((name) => ({ name })),
    labels: [],
    cases: used.map((folder) => caseOf(folder, modalities, root)),
  };
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

function caseOf({ id, images, label }: CaseFolder, modalities: readonly string[], root: string): FoundCase {
  const files = modalities.map((modality) => {
    const file = images.get(modality);
    if (file !== undefined) return file;
    throw new VesaliusError('DATA_MISMATCH', {
      what: `modalities of case ${id}`,
      got: [...images.keys()].toSorted(),
      expected: modalities,
      file: join(root, id),
    });
  });
  return { id, images: files, ...(label === undefined ? {} : { label }) };
}
