import { existsSync } from 'node:fs';
import { type FileHandle, open, opendir, truncate } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readFileBytes, readJsonFile, sha256, writeFileAtomic } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import { type Films, pixelAt } from '@vesalius/methods';
import { stopIfInterrupted } from '../interruption.ts';
import { isPicture, readPicture } from '../pictures/read-picture.ts';

/** Films in one file, read a few at a time: however many there are, only what is asked for is in memory. */
export interface PackedFilms {
  /** Names below the folder they were taken from. */
  readonly names: readonly string[];
  readonly side: number;
  read(films: readonly number[]): Promise<Films>;
  close(): Promise<void>;
}

export interface PackOptions {
  readonly side: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, count: number) => void;
}

const AHEAD = 16;

/**
 * Takes every PNG and JPEG picture below a folder, grey and of one size, into `<out>.bin`; a stopped packing goes on where it was, and one
 * that is done is only opened.
 *
 * @throws FILE_NOT_FOUND where there are no pictures; INTERRUPTED
 */
export async function packFilms(folder: string, out: string, options: PackOptions): Promise<PackedFilms> {
  const { side } = options;
  const names = await picturesBelow(folder);
  if (names.length < 2)
    throw new VesaliusError('FILE_NOT_FOUND', {
      what: 'pictures',
      got: names.length,
      expected: '.png or .jpg',
      file: folder,
    });
  const key = sha256(JSON.stringify({ side, names }));
  const same = existsSync(`${out}.json`) && ((await readJsonFile(`${out}.json`)) as { key?: string }).key === key;
  if (!same) {
    await writeFileAtomic(`${out}.bin`, new Uint8Array());
    await writeFileAtomic(`${out}.json`, JSON.stringify({ key, side, count: names.length }));
  }
  const file = await open(`${out}.bin`, 'r+');
  await appendFilms(file, `${out}.bin`, { folder, names }, options);
  return new Packed(file, names, side);
}

async function picturesBelow(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of await opendir(folder, { recursive: true }))
    if (entry.isFile() && isPicture(entry.name)) names.push(relative(folder, join(entry.parentPath, entry.name)));
  return names.sort();
}

interface Source {
  readonly folder: string;
  readonly names: readonly string[];
}

async function appendFilms(
  file: FileHandle,
  path: string,
  { folder, names }: Source,
  { side, signal, onProgress }: PackOptions,
): Promise<void> {
  const each = side * side;
  const begun = Math.floor((await file.stat()).size / each);
  await truncate(path, begun * each);
  for (let from = begun; from < names.length; from += AHEAD) {
    stopIfInterrupted(signal);
    const part = names.slice(from, from + AHEAD);
    const films = await Promise.all(part.map((name) => readFilm(join(folder, name), side)));
    await file.write(Buffer.concat(films), 0, part.length * each, from * each);
    onProgress?.(from + part.length, names.length);
  }
}

/** The first channel of a picture, made `side` wide and high: each pixel the mean over what it covers. */
export async function readFilm(path: string, side: number): Promise<Uint8Array> {
  const { voxels, size, components } = await readPicture(await readFileBytes(path), path);
  const [width = 1, height = 1] = size;
  const own = voxels.subarray(0, voxels.length / components) as Uint8Array;
  const top = own.BYTES_PER_ELEMENT === 2 ? 257 : 1;
  const out = new Uint8Array(side * side);
  const fine = Math.max(1, Math.round(Math.max(width, height) / side));
  const square = width === height ? own : undefined;
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let k = 0; k < fine * fine; k++) {
      const x = (((i % side) + ((k % fine) + 0.5) / fine) / side) * width - 0.5;
      const y = ((Math.floor(i / side) + (Math.floor(k / fine) + 0.5) / fine) / side) * height - 0.5;
      sum += square ? pixelAt(square, { from: 0, side: width, x, y }) : nearest(own, width, height, [x, y]);
    }
    out[i] = Math.round(sum / (fine * fine) / top);
  }
  return out;
}

function nearest(pixels: Uint8Array, width: number, height: number, [x, y]: readonly [number, number]): number {
  const column = Math.min(width - 1, Math.max(0, Math.round(x)));
  const row = Math.min(height - 1, Math.max(0, Math.round(y)));
  return pixels[row * width + column] as number;
}

class Packed implements PackedFilms {
  readonly names: readonly string[];
  readonly side: number;
  readonly #file: FileHandle;

  constructor(file: FileHandle, names: readonly string[], side: number) {
    this.#file = file;
    this.names = names;
    this.side = side;
  }

  async read(films: readonly number[]): Promise<Films> {
    const each = this.side * this.side;
    const pixels = new Uint8Array(films.length * each);
    await Promise.all(films.map((film, i) => this.#file.read(pixels, i * each, each, film * each)));
    return { pixels, side: this.side };
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
