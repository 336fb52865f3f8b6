import { basename, dirname, join, relative } from 'node:path';
import { listFolder, readFileBytes, sha256 } from '@vesalius/bundle/files';
import { readWeights } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { isPicture, readPicture } from '../pictures/read-picture.ts';
import { type Picture, pictureOf } from './prepare-pictures.ts';

/** Pictures to be told apart. */
export interface ClassificationData {
  readonly pictures: readonly Picture[];
  /** File names, or numbers of the rows. */
  readonly names: readonly string[];
  /** First digits of the hash of each picture's numbers. */
  readonly hashes: readonly string[];
  /** Names of the classes, in the order of their numbers. */
  readonly classes: readonly string[];
  /** Class numbers; empty where the pictures carry none. */
  readonly labels: Uint8Array;
  readonly patients?: readonly string[];
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

export interface ReadDataOptions {
  /** Finds the patient in a file's name: the first group that matches, or all of it. */
  readonly patient?: RegExp | undefined;
  /** Of the model that is asked; without it the data name them. */
  readonly classes?: readonly string[] | undefined;
}

const HASH_DIGITS = 16;

/**
 * Reads pictures from a .npz file (`images` [N, H, W], and if known `labels`, `patients` and further whole numbers [N], which become
 * groups), from a .csv file (`file`, `label`, `patient`, and further columns, which become groups), from a folder with a folder for each
 * class, or from a folder of pictures.
 *
 * @throws DATA_MISMATCH, EMPTY_FOLDER, and the errors of the formats
 */
export async function readClassificationData(path: string, options: ReadDataOptions): Promise<ClassificationData> {
  if (path.endsWith('.npz')) return readArrays(path, options);
  if (path.endsWith('.csv')) return readTable(path, options);
  return readFolder(path, options);
}

async function readArrays(file: string, { classes }: ReadDataOptions): Promise<ClassificationData> {
  const arrays = await readWeights(await readFileBytes(file), file);
  const images = arrays.get('images');
  const [count = 0, height = 0, width = 0, channels = 1] = images?.shape ?? [];
  if (!images || images.shape.length < 3 || images.shape.length > 4 || count === 0)
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'arrays',
      got: [...arrays].map(([name, { shape }]) => `${name} [${shape.join(', ')}]`).join(', '),
      expected: 'images [N, H, W] or [N, H, W, 3] of 0 to 255',
      file,
    });
  const each = height * width * channels;
  const values = Uint8Array.from(images.data as Uint8Array, Number);
  const rows = Array.from({ length: count }, (_, n) => values.subarray(n * each, (n + 1) * each));
  const columns = [...arrays].filter(
    ([name, { shape }]) => name !== 'images' && shape.length === 1 && shape[0] === count,
  );
  const column = (name: string): string[] | undefined => {
    const found = columns.find(([own]) => own === name);
    return found && Array.from(found[1].data as ArrayLike<number>, String);
  };
  return assembled(file, {
    pictures: rows.map((data) => ({ width, height, channels, data })),
    names: rows.map((_, n) => `${n}`),
    labels: column('labels'),
    patients: column('patients'),
    groups: new Map(
      columns.filter(([name]) => name !== 'labels' && name !== 'patients').map(([name]) => [name, column(name) ?? []]),
    ),
    classes,
  });
}

async function readTable(file: string, { patient, classes }: ReadDataOptions): Promise<ClassificationData> {
  const text = new TextDecoder().decode(await readFileBytes(file));
  const [header = [], ...rows] = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(',').map((cell) => cell.trim()));
  const column = (name: string): string[] | undefined => {
    const at = header.indexOf(name);
    return at === -1 ? undefined : rows.map((cells) => cells[at] ?? '');
  };
  const files = column('file');
  if (!files || files.length === 0)
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'columns',
      got: header,
      expected: 'file, label, patient, ...',
      file,
    });
  const named = patient && files.map((name) => patientOf(name, patient));
  return assembled(file, {
    pictures: await readPictures(dirname(file), files),
    names: files,
    labels: column('label'),
    patients: column('patient') ?? named,
    groups: new Map(
      header
        .filter((name) => !['file', 'label', 'patient', ''].includes(name))
        .map((name) => [name, column(name) ?? []]),
    ),
    classes,
  });
}

async function readFolder(folder: string, { patient, classes }: ReadDataOptions): Promise<ClassificationData> {
  const { files, folders } = await listFolder(folder);
  const within = await Promise.all(folders.map(async (name) => ({ name, ...(await listFolder(join(folder, name))) })));
  const ofClasses = within.filter((one) => one.files.some(isPicture));
  const names =
    ofClasses.length > 0
      ? ofClasses.flatMap((one) => one.files.filter(isPicture).map((name) => join(one.name, name)))
      : files.filter(isPicture);
  if (names.length === 0) throw new VesaliusError('EMPTY_FOLDER', { what: 'pictures', got: 0, file: folder });
  return assembled(folder, {
    pictures: await readPictures(folder, names),
    names,
    labels: ofClasses.length > 0 ? names.map(dirname) : undefined,
    patients: patient && names.map((name) => patientOf(basename(name), patient)),
    groups: new Map(),
    classes,
  });
}

async function readPictures(folder: string, names: readonly string[]): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const name of names) {
    const file = join(folder, name);
    if (relative(folder, file).startsWith('..'))
      throw new VesaliusError('INVALID_ARGUMENT', { what: 'picture', got: name, expected: `a file in ${folder}` });
    pictures.push(pictureOf(await readPicture(await readFileBytes(file), file)));
  }
  return pictures;
}

/** A file whose name tells no patient is one of its own. */
function patientOf(name: string, pattern: RegExp): string {
  const found = pattern.exec(name);
  return found?.slice(1).find((part) => part !== undefined) ?? found?.[0] ?? name;
}

interface Raw extends Pick<ClassificationData, 'pictures' | 'names' | 'groups'> {
  readonly labels: readonly string[] | undefined;
  readonly patients: readonly string[] | undefined;
  readonly classes: readonly string[] | undefined;
}

function assembled(file: string, { labels, patients, classes: given, ...raw }: Raw): ClassificationData {
  const classes = given ?? [...new Set(labels)].toSorted();
  const numbers = labels?.map((label) => classes.indexOf(label)) ?? [];
  const stranger = labels?.[numbers.indexOf(-1)];
  if (stranger !== undefined)
    throw new VesaliusError('LABEL_OUT_OF_RANGE', { what: 'class', got: stranger, expected: classes, file });
  return {
    ...raw,
    classes,
    labels: Uint8Array.from(numbers),
    hashes: raw.pictures.map(({ data }) => sha256(data).slice(0, HASH_DIGITS)),
    ...(patients && { patients }),
  };
}
