import { resolve } from 'node:path';
import { listFolder } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import type { Dataset, DatasetCase, FoundCase } from './dataset.ts';
import { readCaseFolders } from './layouts/case-folders.ts';
import { readChannelFiles } from './layouts/channel-files.ts';
import { readDecathlon } from './layouts/decathlon.ts';
import { readImagesLabels } from './layouts/images-labels.ts';
import { readNnunet } from './layouts/nnunet.ts';

/** From the most to the least explicit. */
const LAYOUTS = [readNnunet, readDecathlon, readImagesLabels, readChannelFiles, readCaseFolders];
const KNOWN = 'images/ + labels/, a Medical Segmentation Decathlon or nnU-Net v2 dataset.json, or one folder a case';

export interface OpenDatasetOptions {
  /** Regular expression on the case id; its first group (or whole match) is the patient. Default: every case is a patient. */
  readonly patient?: string | undefined;
  /** The same for the site. */
  readonly site?: string | undefined;
  /** What a model takes, where there is one: files are found by these names, and others are left alone. */
  readonly channels?: Dataset['channels'];
  /** Leave a channel that a case has no file of to be filled in, instead of refusing the case. */
  readonly missing?: boolean;
}

/**
 * Finds the cases of a data folder, whichever of the known layouts it has.
 *
 * @throws FILE_NOT_FOUND, EMPTY_FOLDER, DATA_MISMATCH when the folder has no known layout or files are missing, FILE_FORMAT
 *   for a wrong dataset.json, INVALID_ARGUMENT for a rule that does not fit
 */
export async function openDataset(folder: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const root = resolve(folder);
  const listing = await listFolder(root);
  for (const read of LAYOUTS) {
    const found = await read(root, listing, options);
    if (!found) continue;
    if (found.cases.length === 0)
      throw new VesaliusError('EMPTY_FOLDER', { what: 'cases', got: 0, expected: KNOWN, file: folder });
    const cases = found.cases.map((item) => withOrigin(item, options));
    return { ...found, cases: cases.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
  }
  const empty = listing.files.length + listing.folders.length === 0;
  throw new VesaliusError(empty ? 'EMPTY_FOLDER' : 'DATA_MISMATCH', {
    what: 'layout of the data folder',
    expected: KNOWN,
    file: folder,
  });
}

function withOrigin(found: FoundCase, { patient, site }: OpenDatasetOptions): DatasetCase {
  return {
    ...found,
    patient: patient === undefined ? found.id : partByRule(found.id, patient, 'patient rule'),
    ...(site === undefined ? {} : { site: partByRule(found.id, site, 'site rule') }),
  };
}

/** @throws INVALID_ARGUMENT for a rule that is no expression or does not fit */
export function partByRule(id: string, rule: string, what: string): string {
  const part = expressionOf(rule, what).exec(id);
  const got = part?.[1] ?? part?.[0];
  if (got) return got;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what,
    got: rule,
    expected: `an expression that fits every case id, such as ${id}`,
  });
}

function expressionOf(rule: string, what: string): RegExp {
  try {
    return new RegExp(rule);
  } catch (cause) {
    throw new VesaliusError('INVALID_ARGUMENT', { what, got: rule, expected: 'a regular expression', cause });
  }
}
