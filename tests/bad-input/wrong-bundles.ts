import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { type BadInput, RUN_FOLDER, TRAIN } from './bad-input.ts';
import { flipBit, image, smallDisk } from './break-files.ts';

/** Bundles that are not what was signed, and predictions that cannot be made. */
export const WRONG_BUNDLES: Readonly<Record<string, BadInput>> = {
  'a bit that differs in model.onnx': {
    code: 'HASH_MISMATCH',
    says: /sha256, got \w+, expected \w+/,
    file: 'bundle/model.onnx',
    arrange: ({ at }) => flipBit(at('bundle/model.onnx'), 5000),
    line: 'predict bundle data/images out',
  },
  'a manifest that was changed with its hash': {
    code: 'SIGNATURE_INVALID',
    says: /signature of the bundle/,
    file: 'bundle/signature.json',
    arrange: async ({ at }) => {
      const text = await readFile(at('bundle/signature.json'), 'utf8');
      await writeFile(at('bundle/signature.json'), text.replace(/(manifest\.json": ")./, '$1g'));
    },
    line: 'evaluate bundle data',
  },
  'a file that nobody signed': {
    code: 'SIGNATURE_INVALID',
    says: /file that is not signed/,
    file: 'bundle/more.txt',
    arrange: ({ at }) => writeFile(at('bundle/more.txt'), ''),
    line: 'predict bundle data/images out',
  },
  'a bundle without its weights': {
    code: 'FILE_NOT_FOUND',
    says: /file of the bundle/,
    file: 'bundle/weights.safetensors',
    arrange: ({ at }) => rm(at('bundle/weights.safetensors')),
    line: 'predict bundle data/images out',
  },
  'a model cut in half': {
    code: 'FILE_TRUNCATED',
    says: /got|ends/,
    file: 'bundle/model.onnx',
    arrange: ({ at }) => truncate(at('bundle/model.onnx'), 20_000),
    line: 'inspect bundle',
  },
  'a scan to predict that is cut off': {
    code: 'FILE_TRUNCATED',
    says: /bytes of voxels, got 648, expected 6912/,
    file: image(0),
    arrange: ({ at }) => truncate(at(image(0)), 1000),
    line: 'predict bundle data/images out',
  },
  'nothing to predict': {
    code: 'EMPTY_FOLDER',
    says: /expected/,
    file: 'none',
    arrange: ({ at }) => mkdir(at('none')),
    line: 'predict bundle none out',
  },
  'a file where predictions should go': {
    code: 'WRITE_FAILED',
    says: /a file/,
    arrange: ({ at }) => writeFile(at('out'), ''),
    line: 'predict bundle data/images out',
  },
  'nothing labelled to measure on': {
    code: 'DATA_MISMATCH',
    says: /labelled cases, got 0, expected at least 1/,
    file: 'data',
    arrange: ({ at }) => rm(at('data/labels'), { recursive: true }),
    line: 'evaluate bundle data',
  },
};

/** Disks that are full. Root only: each is a small disk of its own. */
export const FULL_DISKS: Readonly<Record<string, BadInput>> = {
  'a full disk under the run': {
    code: 'DISK_FULL',
    says: /no room left on the disk/,
    arrange: (place) => smallDisk(place, 0),
    line: `${TRAIN} --run disk/run`,
    mayLeave: /^disk\/run(\/(checkpoints|log\.jsonl))?$/,
    mounts: true,
  },
  'a disk that fills while a checkpoint is written': {
    code: 'DISK_FULL',
    says: /no room left on the disk/,
    file: 'disk/run/checkpoints/latest.safetensors',
    arrange: (place) => smallDisk(place, 8),
    line: `${TRAIN} --run disk/run`,
    mayLeave: /^disk\/run(\/(checkpoints|log\.jsonl|events\.[^/]+))?$/,
    mounts: true,
  },
  'a disk that fills while the bundle is written': {
    code: 'DISK_FULL',
    says: /no room left on the disk/,
    file: 'disk/new.bundle',
    arrange: (place) => smallDisk(place, 16),
    line: 'train data --plan plan.json --steps 3 --run new.bundle.run --out disk/new.bundle',
    mayLeave: RUN_FOLDER,
    mounts: true,
  },
  'a disk that is full when a prediction is written': {
    code: 'DISK_FULL',
    says: /no room left on the disk/,
    file: 'disk/out/case0.nii',
    arrange: (place) => smallDisk(place, 0),
    line: 'predict bundle data/images disk/out',
    mayLeave: /^disk\/out$/,
    mounts: true,
  },
};
