import { rm, truncate, writeFile } from 'node:fs/promises';
import { writeScan } from '../program/tiny-data.ts';
import { type BadInput, TRAIN } from './bad-input.ts';
import { cutInHalf, describe, flipBit, gzipped, image, sparseScan } from './break-files.ts';

/** Images that cannot be used. */
export const WRONG_SCANS: Readonly<Record<string, BadInput>> = {
  'a truncated gzip file': {
    code: 'FILE_TRUNCATED',
    says: /bytes of voxels, got \d+, expected 6912/,
    file: `${image(0)}.gz`,
    arrange: async (place) => cutInHalf(await gzipped(place)),
    line: 'plan data',
  },
  'a gzip file with a wrong bit': {
    code: 'FILE_FORMAT',
    says: /gzip data, got/,
    file: `${image(0)}.gz`,
    arrange: async (place) => flipBit(await gzipped(place), -6),
    line: 'plan data',
  },
  'a truncated NIfTI file': {
    code: 'FILE_TRUNCATED',
    says: /bytes of voxels, got 648, expected 6912/,
    file: image(0),
    arrange: ({ at }) => truncate(at(image(0)), 1000),
    line: TRAIN,
  },
  'a file of no bytes': {
    code: 'FILE_TRUNCATED',
    says: /bytes of the NIfTI header, got 0, expected 348/,
    file: image(0),
    arrange: ({ at }) => truncate(at(image(0)), 0),
    line: 'plan data',
  },
  'a text that is called .nii': {
    code: 'FILE_FORMAT',
    says: /size of the NIfTI header at byte 0, got \d+, expected 348 or 540/,
    file: image(0),
    arrange: ({ at }) => writeFile(at(image(0)), 'no scan, '.repeat(100)),
    line: 'plan data',
  },
  'a volume larger than any memory': {
    code: 'OUT_OF_MEMORY',
    says: /memory/,
    file: image(0),
    arrange: ({ at }) => sparseScan(at(image(0))),
    line: 'plan data',
  },
  'a header that promises more than the file can hold': {
    code: 'FILE_TRUNCATED',
    says: /bytes of voxels, got \d+, expected 4000000000000/,
    file: image(0),
    arrange: ({ at }) => sparseScan(at(image(0)), 4000),
    line: 'plan data',
  },
  'NaN in an image': {
    code: 'NOT_FINITE',
    says: /voxels that are NaN or infinite, got 2, expected 0/,
    file: image(1),
    arrange: ({ at }) => writeScan(at(image(1)), (i) => (i > 1 ? i : Number.NaN)),
    line: TRAIN,
  },
  'an image over time': {
    code: 'DATA_MISMATCH',
    says: /channels of the scan, got 2, expected 1/,
    file: image(1),
    arrange: ({ at }) => writeScan(at(image(1)), (i) => i, { timePoints: 2 }),
    line: TRAIN,
  },
};

/** Labels that cannot be used, or do not belong to the images. */
export const WRONG_LABELS: Readonly<Record<string, BadInput>> = {
  'a label of another size': {
    code: 'GEOMETRY_MISMATCH',
    says: /size in voxels, got \[12, 12, 11\], expected \[12, 12, 12\]/,
    file: 'data/labels/case2.nii',
    arrange: ({ at }) => writeScan(at('data/labels/case2.nii'), () => 0, { size: [12, 12, 11] }),
    line: TRAIN,
  },
  'a label outside the declared range': {
    code: 'LABEL_OUT_OF_RANGE',
    says: /label values, got \[7\], expected \[0, 1\]/,
    file: 'data/labels/case1.nii',
    arrange: async (place) => {
      await describe(place, {});
      await writeScan(place.at('data/labels/case1.nii'), (i) => (i === 5 ? 7 : 0));
    },
    line: TRAIN,
  },
  'a label that is no whole number': {
    code: 'LABEL_OUT_OF_RANGE',
    says: /label values, got \[0.5\], expected \[0, 1\]/,
    file: 'data/labels/case1.nii',
    arrange: ({ at }) => writeScan(at('data/labels/case1.nii'), (i) => (i === 5 ? 0.5 : 0)),
    line: 'plan data',
  },
  'a label without its image': {
    code: 'DATA_MISMATCH',
    says: /image of label case3, got none/,
    file: 'data/labels/case3.nii',
    arrange: ({ at }) => rm(at(image(3))),
    line: TRAIN,
  },
  'labels that the plan does not know': {
    code: 'DATA_MISMATCH',
    says: /classes of the plan, got 0, 1, expected 0, 1, 2/,
    file: 'plan.json',
    arrange: ({ at }) => writeScan(at('data/labels/case1.nii'), (i) => (i < 9 ? 2 : 0)),
    line: TRAIN,
  },
  'one case only, which cannot be split': {
    code: 'DATA_MISMATCH',
    says: /labelled cases, got 1, expected at least 2/,
    file: 'data',
    arrange: async ({ at }) => {
      for (const i of [1, 2, 3]) for (const kind of ['images', 'labels']) await rm(at(`data/${kind}/case${i}.nii`));
    },
    line: TRAIN,
  },
  'no labels at all': {
    code: 'DATA_MISMATCH',
    says: /labelled cases, got 0, expected at least 2/,
    file: 'data',
    arrange: ({ at }) => rm(at('data/labels'), { recursive: true }),
    line: 'train data --steps 1',
  },
};
