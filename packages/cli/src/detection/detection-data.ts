import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileErrorOf, listFolder, readFileBytes, sha256 } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import type { Finding } from '@vesalius/medical';
import { readVolume, type Volume } from '@vesalius/volume';
import { isImageFile, stemOf } from '../datasets/layouts/file-names.ts';
import { isPicture } from '../pictures/read-picture.ts';

export interface MarkedScan {
  readonly id: string;
  readonly file: string;
  readonly findings: readonly Finding[];
}

const TABLE = 'annotations.csv';
const COLUMNS = ['seriesuid', 'coordX', 'coordY', 'coordZ', 'diameter_mm'] as const;

/**
 * The scans of `images/` with what `annotations.csv` marks in them.
 *
 * @param marked - whether there must be annotations
 * @throws EMPTY_FOLDER, DATA_MISMATCH for a table with other columns or of other scans, FILE_FORMAT for what is no number
 */
export async function readMarkedScans(folder: string, { marked }: { readonly marked: boolean }): Promise<MarkedScan[]> {
  const images = existsSync(join(folder, 'images')) ? join(folder, 'images') : folder;
  const names = (await listFolder(images)).files.filter((name) => isImageFile(name) && !isPicture(name)).toSorted();
  if (names.length === 0) throw new VesaliusError('EMPTY_FOLDER', { what: 'scans', got: 0, file: images });
  const table = join(folder, TABLE);
  const findings = marked || existsSync(table) ? await readFindings(table) : new Map<string, Finding[]>();
  const ids = new Set(names.map(stemOf));
  const strange = [...findings.keys()].find((id) => !ids.has(id));
  if (strange !== undefined)
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'annotated scan',
      got: strange,
      expected: 'one of images/',
      file: table,
    });
  return names.map((name) => ({
    id: stemOf(name),
    file: join(images, name),
    findings: findings.get(stemOf(name)) ?? [],
  }));
}

async function readFindings(file: string): Promise<Map<string, Finding[]>> {
  const [header = '', ...lines] = new TextDecoder().decode(await readFileBytes(file)).split(/\r?\n/);
  const names = header.split(',').map((name) => name.trim());
  const missing = COLUMNS.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new VesaliusError('DATA_MISMATCH', { what: 'columns', got: names, expected: COLUMNS, file });
  const found = new Map<string, Finding[]>();
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const cells = line.split(',').map((cell) => cell.trim());
    const cell = (name: (typeof COLUMNS)[number]): string => cells[names.indexOf(name)] ?? '';
    const number = (name: (typeof COLUMNS)[number]): number => {
      const value = cell(name) === '' ? Number.NaN : Number(cell(name));
      if (Number.isFinite(value) && (name !== 'diameter_mm' || value > 0)) return value;
      const expected = name === 'diameter_mm' ? 'millimetres above 0' : 'millimetres';
      throw new VesaliusError('FILE_FORMAT', { what: `${name} in line ${i + 2}`, got: cell(name), expected, file });
    };
    const finding: Finding = {
      centreMm: [number('coordX'), number('coordY'), number('coordZ')],
      diameterMm: number('diameter_mm'),
    };
    found.set(cell('seriesuid'), [...(found.get(cell('seriesuid')) ?? []), finding]);
  }
  return found;
}

/** The scan, and the hash of its file by which an evaluation knows it again. */
export async function readScan(file: string): Promise<{ readonly volume: Volume; readonly hash: string }> {
  const bytes = await readFileBytes(file);
  try {
    const volume = await readVolume(bytes, file);
    if (volume.timePoints * volume.components === 1) return { volume, hash: sha256(bytes).slice(0, HASH_DIGITS) };
    const got = volume.timePoints * volume.components;
    throw new VesaliusError('DATA_MISMATCH', { what: 'channels of the scan', got, expected: 1, file });
  } catch (error) {
    throw fileErrorOf(error, file);
  }
}

const HASH_DIGITS = 16;
