import { readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { type BadInput, TRAIN } from './bad-input.ts';
import { describe, image, namedPipe } from './break-files.ts';

/** Data folders and descriptions that cannot be used. */
export const WRONG_FOLDERS: Readonly<Record<string, BadInput>> = {
  'an empty folder': {
    code: 'EMPTY_FOLDER',
    says: /layout of the data folder, expected images/,
    file: 'data',
    arrange: async ({ at }) => {
      for (const name of await readdir(at('data'))) await rm(at(`data/${name}`), { recursive: true });
    },
    line: TRAIN,
  },
  'a folder that is none': {
    code: 'FILE_NOT_FOUND',
    says: /a file stands where a folder is expected/,
    file: 'plan.json',
    line: 'train plan.json --steps 1',
  },
  'a folder that does not exist': {
    code: 'FILE_NOT_FOUND',
    says: /does not exist/,
    file: 'nowhere',
    line: 'plan nowhere',
  },
  'a folder of something else': {
    code: 'DATA_MISMATCH',
    says: /layout of the data folder, expected images/,
    file: 'bundle',
    line: 'plan bundle',
  },
  'a link that leads to itself': {
    code: 'FILE_UNREADABLE',
    says: /links lead in a circle/,
    file: image(0),
    arrange: async ({ at }) => {
      await rm(at(image(0)));
      await symlink('case0.nii', at(image(0)));
    },
    line: 'plan data',
  },
  'a folder named like a scan': {
    code: 'FILE_UNREADABLE',
    says: /a folder stands where a file is expected/,
    file: 'data/images',
    arrange: (place) => describe(place, { training: [{ image: 'images', label: 'labels/case0.nii' }] }),
    line: 'plan data',
  },
  'a pipe that nobody writes into': {
    code: 'FILE_UNREADABLE',
    says: /a pipe or device stands where a file is expected/,
    file: image(0),
    arrange: ({ at }) => namedPipe(at(image(0))),
    line: 'plan data',
  },
  'a dataset.json that is no JSON': {
    code: 'FILE_FORMAT',
    says: /JSON, got .*/,
    file: 'data/dataset.json',
    arrange: ({ at }) => writeFile(at('data/dataset.json'), '{ "labels": '),
    line: 'plan data',
  },
  'a dataset.json that names a file which is not there': {
    code: 'FILE_NOT_FOUND',
    says: /does not exist/,
    file: 'data/images/none.nii',
    arrange: (place) => describe(place, { training: [{ image: 'images/none.nii', label: 'labels/case0.nii' }] }),
    line: 'plan data',
  },
};

/** Command lines that cannot be meant. */
export const WRONG_WORDS: Readonly<Record<string, BadInput>> = {
  'an unknown command': { code: 'UNKNOWN_OPTION', says: /command, got trian, expected train\?/, line: 'trian data' },
  'an unknown option': {
    code: 'UNKNOWN_OPTION',
    says: /option, got --step, expected --steps\?/,
    line: 'train data --step 3',
  },
  'a number that is none': {
    code: 'INVALID_ARGUMENT',
    says: /--steps, got many, expected a whole number from 1/,
    line: 'train data --steps many',
  },
  'a time that is none': {
    code: 'INVALID_ARGUMENT',
    says: /--budget, got soon, expected a time such as/,
    line: 'train data --budget soon',
  },
  'an option without its value': {
    code: 'INVALID_ARGUMENT',
    says: /value of --out, got none, expected BUNDLE/,
    line: 'train data --out',
  },
  'an argument too few': {
    code: 'INVALID_ARGUMENT',
    says: /arguments of predict, got bundle, expected BUNDLE IN OUT/,
    line: 'predict bundle',
  },
  'a case to set aside that is not there': {
    code: 'INVALID_ARGUMENT',
    says: /case9/,
    line: `${TRAIN} --validation case9`,
  },
  'a fold beyond the last': {
    code: 'INVALID_ARGUMENT',
    says: /fold, got 2, expected 0 to 1/,
    line: `${TRAIN} --folds 2 --fold 2`,
  },
  'a rule that is no expression': {
    code: 'INVALID_ARGUMENT',
    says: /patient rule, got \(, expected a regular expression/,
    line: 'plan data --patient (',
  },
};
